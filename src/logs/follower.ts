import type { FileHandle } from 'node:fs/promises';
import { Bell } from '../lib/bell';
import { messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import { writeRecord, type LogOffset, type LogOffsets, type LogRecord } from '../store/log-offsets';
import { CriLogFile, locate } from './cri-log-file';
import type { OutputSource } from './output-source';
import type { BufferPool } from './render-buffers';

/** Lines gather for so long before they are read together, in milliseconds. */
const GATHER_MS = 20;
/** The pause before a failed step is tried again, such as on a full disk, in milliseconds. */
const TRY_AGAIN_MS = 1_000;
/** The most that is written before it is recorded, in bytes; after a crash that much is compared with the file. */
const RECORD_EVERY = 4 * 1024 * 1024;

export interface FollowerParts {
  readonly containerId: string;
  readonly logPath: string;
  readonly offsets: LogOffsets;
  readonly buffers: BufferPool;
  readonly log: Log;
  readonly makeSource: (changes: Bell) => OutputSource;
}

/**
 * Writes one container's output into its CRI log. All of it is done in one loop, step by step; others leave wishes.
 *
 *   source ──read──▶ whole lines ──append──▶ CRI log ──now and then──▶ record: (position in the source, file, its size)
 *
 * INVARIANT: a file is written to only after a record names it. So what a crash leaves is always this: the recorded file,
 * wherever a kubelet has renamed it to, and behind its recorded size what the source gives from the recorded position
 * on. That is read again, compared, and not written twice.
 */
export class Follower {
  private readonly changes = new Bell();
  private readonly wishes = new Bell();
  private readonly source: OutputSource;
  private readonly reopenings: { done: () => void; failed: (error: unknown) => void }[] = [];
  private ending = false;
  private stopping = false;
  private recordFile: FileHandle | undefined;
  private output: CriLogFile | undefined;
  private record: LogRecord;
  /** Bytes written since the record. */
  private unrecorded = 0;
  /** What is in the file behind the recorded size, and has yet to be met in the source again. */
  private ahead = { from: 0, to: 0 };
  private failing = false;

  constructor(
    private readonly parts: FollowerParts,
    record: LogRecord,
  ) {
    this.record = record;
    this.source = parts.makeSource(this.changes);
  }

  /** Settles when the output has come to its end or the follower was stopped; never rejects. To be called once. */
  async run(): Promise<void> {
    while (!this.stopping && !(this.source.finished && this.output !== undefined)) {
      try {
        if (this.output === undefined) await this.resume(this.record);
        else if (this.reopenings.length > 0) await this.reopenNow();
        else await this.follow();
        this.failing = false;
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

  /** Bytes of output that are not in the log yet; 0 when that can't be told just now. */
  async behind(): Promise<number> {
    // A file may be closed while it is looked at.
    return await this.source.behind().catch(() => 0);
  }

  /** Ends after the step that is being done; another life of the shim goes on from there. */
  stop(): void {
    this.stopping = true;
    this.wish();
  }

  /** Resolves when the file at the log's path, which a kubelet has just renamed away or not, is the one written to. */
  async reopen(): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.reopenings.push({ done, failed });
      this.wish();
    });
  }

  private wish(): void {
    this.wishes.ring();
    this.changes.ring();
  }

  private async follow(): Promise<void> {
    const length = await this.step();
    if (length === 0 && (await this.wasReplaced())) return await this.letGo();
    if (this.source.more || this.source.finished) return;
    if (this.source.rings()) await this.changes.wait();
    if (!this.ending) await this.wishes.wait(GATHER_MS);
  }

  private async step(): Promise<number> {
    const { output } = this;
    if (output === undefined) return 0;
    const length = await this.parts.buffers.use(async (buffers) => {
      const lines = await this.source.read(buffers);
      const known = lines > 0 ? await this.skip(output, buffers.output.subarray(0, lines), buffers.input) : 0;
      if (lines > known) await output.append(buffers.output.subarray(known, lines));
      this.unrecorded += lines - known;
      return lines;
    });
    if (this.unrecorded >= RECORD_EVERY) await this.writeRecord();
    return length;
  }

  /** How many of these bytes are in the file already, from before a crash. */
  private async skip(output: CriLogFile, lines: Buffer, spare: Buffer): Promise<number> {
    const wanted = Math.min(this.ahead.to - this.ahead.from, lines.length);
    if (wanted === 0) return 0;
    const there = await output.read(spare, wanted, this.ahead.from);
    this.ahead.from += wanted;
    if (there === wanted && lines.compare(spare, 0, wanted, 0, wanted) === 0) return wanted;
    this.parts.log.warn('what is at the end of a log is not what was written to it', { log: this.parts.logPath });
    this.ahead.from = this.ahead.to;
    return 0;
  }

  /** Opens the recorded file where it is now, or the one at the path when it is gone, and goes to where it ends. */
  private async resume(record: LogRecord): Promise<void> {
    const { logPath, offsets, containerId } = this.parts;
    this.recordFile ??= await offsets.open(containerId);
    const path = await locate(logPath, record.file.inode);
    const { before } = record;
    if (path === undefined && before !== undefined && (await this.isThere(before))) return await this.resume(before);
    const output = await this.openOutput(path ?? logPath);
    if (output === undefined) return;
    const { size } = await output.state();
    const isIt = output.inode === record.file.inode && size >= record.file.size;
    this.ahead = isIt ? { from: record.file.size, to: size } : { from: 0, to: 0 };
    await this.source.seek(record.position);
    this.output = output;
    this.unrecorded = 0;
    if (!isIt) await this.writeRecord();
    // It was renamed and nobody asked for another, or the one who did was not answered.
    if (path !== undefined && path !== logPath)
      this.reopenings.push({ done: () => undefined, failed: () => undefined });
  }

  /**
   * A kubelet that got no answer to its ReopenContainerLog renames the log back, over the new one. What went there is
   * gone, and has to be written again.
   */
  private async wasReplaced(): Promise<boolean> {
    if (this.record.before === undefined || this.output === undefined) return false;
    return (await this.output.state()).unlinked && (await this.isThere(this.record.before));
  }

  private async isThere({ file }: LogOffset): Promise<boolean> {
    return (await locate(this.parts.logPath, file.inode)) !== undefined;
  }

  /** Closes the file; `resume` goes on from what is recorded. */
  private async letGo(): Promise<void> {
    const { output } = this;
    this.output = undefined;
    await output?.close();
  }

  /** Undefined when there is no place for a log any more: its pod's directory has been removed. */
  private async openOutput(path: string): Promise<CriLogFile | undefined> {
    try {
      return await CriLogFile.open(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.stopping = true;
      await this.parts.offsets.remove(this.parts.containerId);
      return undefined;
    }
  }

  private async reopenNow(): Promise<void> {
    if (await this.wasReplaced()) return await this.letGo();
    // What is ahead belongs into the old file.
    while (this.ahead.from < this.ahead.to && (await this.step()) > 0);
    const { output } = this;
    const state = await output?.state();
    if (output === undefined || state === undefined) return;
    const next = await CriLogFile.open(this.parts.logPath);
    try {
      if (next.inode === output.inode) {
        await next.close();
      } else {
        const before = { position: this.source.position, file: { inode: state.inode, size: state.size } };
        const file = { inode: next.inode, size: (await next.state()).size };
        await this.saveRecord({ position: before.position, file, before });
        this.output = next;
        await output.close();
      }
    } finally {
      this.ahead = { from: 0, to: 0 };
    }
    for (const { done } of this.reopenings.splice(0)) done();
  }

  private async writeRecord(): Promise<void> {
    const state = await this.output?.state();
    // While it is ahead, the position and the size do not belong together.
    if (state === undefined || this.ahead.from < this.ahead.to) return;
    const file = { inode: state.inode, size: state.size };
    await this.saveRecord({ position: this.source.position, file, before: this.record.before });
  }

  private async saveRecord(record: LogRecord): Promise<void> {
    if (this.recordFile !== undefined) await writeRecord(this.recordFile, record);
    this.record = record;
    this.unrecorded = 0;
  }

  /** Whatever went wrong, the record tells where to go on. */
  private async fail(error: unknown): Promise<void> {
    const { log, logPath } = this.parts;
    if (!this.failing)
      log.warn('a container log cannot be written, trying again', { log: logPath, error: messageOf(error) });
    this.failing = true;
    for (const { failed } of this.reopenings.splice(0)) failed(error);
    await this.letGo().catch(() => undefined);
    await this.wishes.wait(TRY_AGAIN_MS);
  }

  private async leave(): Promise<void> {
    const ended = new ShimError('FailedPrecondition', `the output of container ${this.parts.containerId} has ended`);
    for (const { failed } of this.reopenings.splice(0)) failed(ended);
    try {
      if (this.source.finished) await this.parts.offsets.remove(this.parts.containerId);
      else await this.writeRecord();
      await this.source.close();
      await this.output?.close();
      await this.recordFile?.close();
    } catch (error) {
      this.parts.log.warn('a container log was not closed well', { log: this.parts.logPath, error: messageOf(error) });
    }
  }
}
