import { background, withLimit, type CallContext } from '../lib/call-context';
import { messageOf, StandingRefusal } from '../lib/errors';
import { KeyedMutex } from '../lib/keyed-mutex';
import type { Log } from '../lib/log';
import { untilEnded } from '../lib/until-ended';
import type { LogOffsets, LogRecord, LogSubject } from '../store/log-offsets';
import { createCriLog } from './cri-log-file';
import { EngineOutput } from './engine-output';
import type { LogsEngine } from './engine-question';
import { Follower } from './follower';
import { dockerLogPath, linkLog, unlinkLog } from './log-link';
import { BufferPool } from './render-buffers';
import { Spool } from './spool';
import { wasRemoved } from './was-removed';

/** Logs that are read side by side. The disk is what they wait for. */
const READ_AT_ONCE = 2;
/** How long a removal waits at most for the container's last lines, in milliseconds. The index waits less (looks.ts). */
const LAST_LINES_TIMEOUT_MS = 10_000;

export interface ContainerLogsNeeds {
  readonly engine: LogsEngine;
  readonly offsets: LogOffsets;
  /** `cri`: lines in the CRI format; `link`: a link to Docker's own log. */
  readonly format: 'cri' | 'link';
  readonly log: Log;
}

/** A container's log before it is started. */
export interface ContainerToLog {
  readonly containerId: string;
  readonly tty: boolean;
  /** Docker's. */
  readonly logDriver: string;
  readonly logPath: string;
  readonly dockerRootDirectory: string;
}

interface Followed {
  readonly follower: Follower;
  readonly ended: Promise<void>;
  readonly spoolPath: string | undefined;
}

/**
 * The CRI logs of all containers: each has a follower from before its start until its output has come to its end, and again
 * in every other run. A record of how far its log is stays until the container is removed.
 */
export class ContainerLogs {
  private readonly followers = new Map<string, Followed>();
  private readonly buffers = new BufferPool(READ_AT_ONCE);
  private lost = 0;
  /** Of one container's log, making, following again and removing wait for each other. */
  private readonly turns = new KeyedMutex();
  /** For what nobody waits for. */
  private readonly background: CallContext;
  private recovered: Promise<void> = Promise.resolve();

  constructor(private readonly needs: ContainerLogsNeeds) {
    this.background = background(needs.log);
  }

  /**
   * Goes on with what an earlier life of the shim was following, also with what has ended: there may have been another
   * run since. Needs no engine.
   */
  start(): void {
    this.recovered = this.recover().catch((error: unknown) => {
      this.needs.log.error('the state of the container logs cannot be read', { error: messageOf(error) });
    });
  }

  /** Writes down how far each log is, and ends. The logs go on with the next life of the shim. */
  async stop(): Promise<void> {
    await this.recovered;
    const followers = [...this.followers.values()];
    for (const { follower } of followers) follower.stop();
    await Promise.all(followers.map(({ ended }) => ended));
  }

  /**
   * Makes the log of a container that is about to be started, and follows its output from the beginning. Where it is
   * followed already, by a call that came at the same time, there is nothing to do.
   * @throws ShimError when there can be none.
   */
  async begin(toLog: ContainerToLog, ctx: CallContext): Promise<void> {
    await this.inTurn(toLog.containerId, ctx, () => this.make(toLog));
  }

  /**
   * The container runs, or has run: `isOver`. One that somebody has started again, after its output had come to its end, is
   * followed from there; this shim starts none twice. Never throws.
   */
  async onRun(containerId: string, isOver: boolean): Promise<void> {
    try {
      await this.inTurn(containerId, this.background, async () => {
        const followed = this.followers.get(containerId);
        if (followed === undefined || followed.follower.isEnding) {
          await followed?.ended;
          const kept = await this.needs.offsets.read(containerId);
          if (kept !== undefined) this.follow(containerId, kept.subject, kept.record);
        }
        if (isOver) this.followers.get(containerId)?.follower.end();
      });
    } catch (error) {
      this.needs.log.warn('the log of another run is not followed', {
        container: containerId,
        error: messageOf(error),
      });
    }
  }

  /** Somebody has removed the container: no record of its log is kept. Never throws. */
  async onGone(containerId: string): Promise<void> {
    try {
      await this.recovered;
      await this.stopIfUnreachable(containerId);
      await this.inTurn(containerId, this.background, async () => {
        await this.followers.get(containerId)?.ended;
        await this.needs.offsets.remove(containerId);
      });
    } catch (error) {
      this.needs.log.warn('the record of a log stays', { container: containerId, error: messageOf(error) });
    }
  }

  /**
   * Waits until all output of a container that has ended is in its log; at once for one that has no log, or a link. A log
   * that can't be written, or a very long rest, delays it for ten seconds at most.
   */
  async drained(containerId: string, ctx: CallContext): Promise<void> {
    try {
      await withLimit(ctx, LAST_LINES_TIMEOUT_MS, 'writing the last lines', async (bounded) => {
        // Another run may be about to be followed.
        const followed = await this.inTurn(containerId, bounded, () =>
          Promise.resolve(this.followers.get(containerId)),
        );
        followed?.follower.end();
        if (followed !== undefined) await untilEnded(bounded, followed.ended);
      });
    } catch (error) {
      if (ctx.signal.aborted) throw error;
      ctx.log.warn("the end of a container's output is not in its log yet", { container: containerId });
    }
  }

  /** How many containers' output is followed. */
  get following(): number {
    return this.followers.size;
  }

  /** How often output was gone before it was read. */
  get gaps(): number {
    return this.lost;
  }

  /** Of each container that is followed, the bytes of its output that are not in its log yet, where that can be told. */
  async lag(): Promise<ReadonlyMap<string, number>> {
    const known = new Map<string, number>();
    const asked = [...this.followers].map(async ([id, { follower }]) => {
      const behind = await follower.behind();
      if (behind !== undefined) known.set(id, behind);
    });
    await Promise.all(asked);
    return known;
  }

  /**
   * Writes from now on to the file at the log's path, after a kubelet has renamed the one before.
   * @throws ShimError FailedPrecondition for a container that has no CRI log.
   */
  async reopen(containerId: string, ctx: CallContext): Promise<void> {
    await untilEnded(ctx, this.recovered);
    const followed = this.followers.get(containerId);
    if (followed === undefined) {
      // A kubelet asks every ten seconds while the log is over its limit.
      throw new StandingRefusal(
        'FailedPrecondition',
        `container ${containerId} has no CRI log to reopen: its log is Docker's own, which Docker rotates (log-opts max-size, ` +
          'max-file), or it was started without a log path, or the directory of its log has gone',
      );
    }
    await untilEnded(ctx, followed.follower.reopen());
  }

  /** The container is gone, or was never started: its log is let go, and what was kept for it is removed. */
  async remove(logPath: string, containerId: string): Promise<void> {
    await this.recovered;
    // Whoever waits for it to come to its end, in a turn before this one, waits no longer.
    this.followers.get(containerId)?.follower.stop();
    await this.inTurn(containerId, this.background, async () => {
      const followed = this.followers.get(containerId);
      followed?.follower.stop();
      await followed?.ended;
      await this.needs.offsets.remove(containerId);
      await unlinkLog(logPath, containerId);
    });
  }

  private async inTurn<T>(containerId: string, ctx: CallContext, work: () => Promise<T>): Promise<T> {
    await untilEnded(ctx, this.recovered);
    return await this.turns.run(ctx, containerId, work);
  }

  private async make({ containerId, tty, logDriver, logPath, dockerRootDirectory }: ContainerToLog): Promise<void> {
    const { offsets, format } = this.needs;
    const spoolPath = logDriver === 'json-file' ? dockerLogPath(dockerRootDirectory, containerId) : undefined;
    if (format === 'link' && spoolPath !== undefined) {
      await linkLog(logPath, spoolPath);
      return;
    }
    if (this.followers.has(containerId)) return;
    const file = await createCriLog(logPath);
    const { inode, size } = await file.state();
    await file.close();
    const subject = { logPath, spoolPath, tty };
    const kept = await offsets.read(containerId);
    const record = kept?.record ?? { position: undefined, file: { inode, size } };
    if (kept === undefined) await offsets.create(containerId, subject, record);
    this.follow(containerId, subject, record);
  }

  private async recover(): Promise<void> {
    for (const id of await this.needs.offsets.ids()) {
      await this.recoverOne(id).catch((error: unknown) => {
        const why = { container: id, error: messageOf(error) };
        this.needs.log.error(
          "the log of a container is not written any more until the container is started again: its record can't be used",
          why,
        );
      });
    }
  }

  private async recoverOne(id: string): Promise<void> {
    const kept = await this.needs.offsets.read(id);
    const spoolPath = kept?.subject.spoolPath;
    // Where that can't be told, as before Docker's data root is mounted, the follower says so and tries again.
    const removed = spoolPath !== undefined && (await wasRemoved(spoolPath).catch(() => false));
    if (kept === undefined || removed) await this.needs.offsets.remove(id);
    else this.follow(id, kept.subject, kept.record);
  }

  private follow(containerId: string, subject: LogSubject, record: LogRecord): void {
    const { offsets, log, engine } = this.needs;
    const { logPath, spoolPath, tty } = subject;
    const { buffers } = this;
    const follower = new Follower(
      {
        containerId,
        logPath,
        offsets,
        buffers,
        log,
        makeSource: (bell) =>
          spoolPath === undefined
            ? new EngineOutput(engine, { id: containerId, tty }, bell, log)
            : new Spool(spoolPath, buffers, bell, log, () => (this.lost += 1)),
      },
      record,
    );
    const ended = follower.run().finally(() => this.followers.delete(containerId));
    this.followers.set(containerId, { follower, ended, spoolPath });
  }

  /** For one whose container is gone: where its output can't be looked for, it would be waited for for ever. */
  private async stopIfUnreachable(containerId: string): Promise<void> {
    const { follower, spoolPath } = this.followers.get(containerId) ?? {};
    if (spoolPath !== undefined) await wasRemoved(spoolPath).catch(() => follower?.stop());
  }
}
