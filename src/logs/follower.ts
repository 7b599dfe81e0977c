import { Bell } from '../lib/bell';
import { messageOf, ShimError } from '../lib/errors';
import type { LogRecord } from '../store/log-offsets';
import type { OutputSource } from './output-source';
import { RecordedLog, type RecordedLogParts } from './recorded-log';
import type { BufferPool } from './render-buffers';

/** Lines gather for so long before they are read together, in milliseconds. */
const GATHER_MS = 20;
/** A source that rings is looked at so often all the same, in milliseconds: the kernel drops changes when very many come. */
const LOOK_ANYWAY_MS = 60_000;
/**
 * The first and the longest pause before a failed step is tried again, such as on a full disk, in milliseconds: each try
 * reads and writes some, and a disk that is full has all logs of the node fail.
 */
const TRY_AGAIN_MS = { first: 1_000, longest: 30_000 };

export interface FollowerParts extends RecordedLogParts {
  readonly buffers: BufferPool;
  readonly makeSource: (changes: Bell) => OutputSource;
}

/**
 * Writes one container's output into its CRI log. All of it is done in one loop, step by step; others leave wishes.
 *
 *   source ──read──▶ whole lines ──append──▶ CRI log ──now and then──▶ record
 */
export class Follower {
  private readonly changes = new Bell();
  private readonly wishes = new Bell();
  private readonly source: OutputSource;
  private readonly output: RecordedLog;
  private readonly reopenings: { done: () => void; failed: (error: unknown) => void }[] = [];
  private ending = false;
  private stopping = false;
  /** Nobody serves wishes any more. */
  private left = false;
  /** How often in a row, until something is written, or nothing is left to be. */
  private failures = 0;

  constructor(
    private readonly parts: FollowerParts,
    record: LogRecord,
  ) {
    this.source = parts.makeSource(this.changes);
    this.output = new RecordedLog(parts, this.source, record);
  }

  /** Settles when the output has come to its end or the follower was stopped; never rejects. To be called once. */
  async run(): Promise<void> {
    while (!this.stopping && !(this.source.finished && this.output.isOpen)) {
      try {
        if (!this.output.isOpen) await this.resume();
        else if (this.reopenings.length > 0) await this.reopenNow();
        else await this.follow();
      } catch (error) {
        await this.fail(error);
      }
    }
    await this.leave();
  }

  /** The container has ended: `run` settles when all of its output is in the log. */
  end(): void {
    this.ending = true;
    this.source.end();
    this.wish();
  }

  /** Whether it ends with the output that there is, be there a next run or not. */
  get isEnding(): boolean {
    return this.ending;
  }

  /** Bytes of output that are not in the log yet; undefined where that can't be told, or not just now. */
  async behind(): Promise<number | undefined> {
    // A file may be closed while it is looked at.
    return await this.source.behind().catch(() => undefined);
  }

  /** Ends after the step that is being done; another life of the shim goes on from there. */
  stop(): void {
    this.stopping = true;
    this.wish();
  }

  /**
   * Resolves when the file at the log's path, which a kubelet has just renamed away or not, is the one written to.
   * @throws ShimError FailedPrecondition when the output has come to its end
   */
  async reopen(): Promise<void> {
    if (this.left) throw this.ended();
    await new Promise<void>((done, failed) => {
      this.reopenings.push({ done, failed });
      this.wish();
    });
  }

  private wish(): void {
    this.wishes.ring();
    this.changes.ring();
  }

  private async resume(): Promise<void> {
    const found = await this.output.open();
    if (found === 'gone') this.stopping = true;
    if (found === 'renamed') this.reopenings.push({ done: () => undefined, failed: () => undefined });
  }

  private async follow(): Promise<void> {
    const length = await this.step();
    if (length === 0 && (await this.output.wasReplaced())) return await this.output.letGo();
    if (this.source.more || this.source.finished) return;
    if (this.source.rings()) await this.changes.wait(LOOK_ANYWAY_MS);
    if (!this.ending) await this.wishes.wait(GATHER_MS);
  }

  private async step(): Promise<number> {
    return await this.parts.buffers.use(async (buffers) => {
      const length = await this.source.read(buffers);
      const added = await this.output.append(buffers.output.subarray(0, length), buffers.input);
      // On a full disk all goes well until there is something to write.
      if (length === 0 || added > 0) this.failures = 0;
      return length;
    });
  }

  private async reopenNow(): Promise<void> {
    if (await this.output.wasReplaced()) return await this.output.letGo();
    // What is ahead belongs into the old file.
    while (this.output.isAhead && (await this.step()) > 0);
    await this.output.turnToPath();
    for (const { done } of this.reopenings.splice(0)) done();
  }

  /** Whatever went wrong, the log knows where to go on. */
  private async fail(error: unknown): Promise<void> {
    const { log, logPath } = this.parts;
    if (this.failures === 0)
      log.warn('a container log does not go on, trying again', { log: logPath, error: messageOf(error) });
    for (const { failed } of this.reopenings.splice(0)) failed(error);
    await this.output.letGo().catch(() => undefined);
    await this.wishes.wait(Math.min(TRY_AGAIN_MS.first * 2 ** this.failures, TRY_AGAIN_MS.longest));
    this.failures += 1;
  }

  private async leave(): Promise<void> {
    const { log, logPath } = this.parts;
    this.left = true;
    for (const { failed } of this.reopenings.splice(0)) failed(this.ended());
    try {
      await this.close();
    } catch (error) {
      log.warn('a container log was not closed well', { log: logPath, error: messageOf(error) });
    }
  }

  private async close(): Promise<void> {
    try {
      await this.output.close(this.source.finished && this.source.gone);
    } finally {
      await this.source.close();
    }
  }

  private ended(): ShimError {
    return new ShimError('FailedPrecondition', `the output of container ${this.parts.containerId} has ended`);
  }
}
