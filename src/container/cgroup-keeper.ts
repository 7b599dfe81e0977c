import type { Engine } from '../docker/engine';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import { isSameRun, type NodeContainer, type NodeRecord } from '../index/node-record';
import { background, pause, type Background, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { Log } from '../lib/log';
import type { CgroupUpdates } from '../store/cgroup-updates';
import { TYPE_LABEL } from '../translate/labels';

/** The pause before a failed attempt is repeated, in milliseconds. */
const TRY_AGAIN_MS = 10_000;

type Files = Readonly<Record<string, string>>;

export interface CgroupKeeperNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  /** Serialises work on a container's cgroup files, by the container's id. */
  readonly cgroups: KeyedMutex;
  readonly updates: CgroupUpdates;
  readonly isInContainer: (of: ContainerProcess) => boolean;
  readonly readCgroupFiles: (of: ContainerProcess, files: readonly string[]) => Files;
  readonly writeCgroupFiles: (of: ContainerProcess, values: Files) => Promise<void>;
  readonly log: Log;
}

/**
 * Keeps what was asked for in the cgroup of every running container, also of those that no call of the shim has
 * started: a container may have been started by a shim that was killed before it had written, or somebody has restarted
 * it, which gives it a new cgroup. A container of which nothing was asked costs nothing.
 */
export class CgroupKeeper {
  private readonly background: Background;
  /**
   * INVARIANT: holds the containers whose files are being written, or will be tried again, each with its newest run.
   */
  private readonly atWork = new Map<string, NodeContainer>();

  constructor(private readonly needs: CgroupKeeperNeeds) {
    this.background = background(needs.log.with({ work: 'cgroups' }));
  }

  /** To be called before the first record comes. */
  async start(): Promise<void> {
    await this.needs.updates.load(this.needs.log);
    void this.forgetRemoved(this.background);
  }

  stop(): void {
    this.background.stop();
  }

  /** Is told of every change of the index. */
  onChange(before: NodeRecord | undefined, after: NodeRecord | undefined): void {
    if (after === undefined) {
      if (before !== undefined) void this.forget(before.id);
    } else if (after.kind === 'container') {
      if (after.pid === 0) this.atWork.delete(after.id);
      else if (!isSameRun(before, after) && Object.keys(this.asked(after)).length > 0) void this.keep(after);
    }
  }

  private asked({ id, cgroupFiles }: NodeContainer): Files {
    return { ...cgroupFiles, ...this.needs.updates.of(id) };
  }

  /** Tries until it is done, or the container runs no more. */
  private async keep(run: NodeContainer): Promise<void> {
    const ctx = this.background;
    this.atWork.set(run.id, run);
    for (let failures = 0; this.atWork.get(run.id) === run && !ctx.signal.aborted; failures += 1) {
      try {
        // A start or an update that is under way writes them itself; then nothing is left to do.
        await this.needs.cgroups.run(ctx, run.id, () => this.writeLacking(ctx, run));
        if (this.atWork.get(run.id) === run) this.atWork.delete(run.id);
      } catch (error) {
        if (ctx.signal.aborted) return;
        if (failures === 0) {
          const details = { container: run.id, error: messageOf(error) };
          ctx.log.warn('a container runs without what was asked for of its cgroup; it is tried again', details);
        }
        await pause(ctx, TRY_AGAIN_MS).catch(() => undefined);
      }
    }
  }

  private async writeLacking(ctx: CallContext, run: NodeContainer): Promise<void> {
    const process = { containerId: run.id, pid: run.pid };
    const asked = this.asked(run);
    const present = this.needs.readCgroupFiles(process, Object.keys(asked));
    const lacking = Object.entries(asked).filter(([file, value]) => present[file] !== value.trim());
    if (lacking.length === 0 || !this.needs.isInContainer(process)) return;
    try {
      await this.needs.writeCgroupFiles(process, Object.fromEntries(lacking));
    } catch (error) {
      if (this.needs.isInContainer(process)) throw error;
      return;
    }
    ctx.log.info('wrote files of a cgroup anew', { container: run.id, files: lacking.map(([file]) => file).join(' ') });
  }

  private async forget(id: string): Promise<void> {
    this.atWork.delete(id);
    try {
      await this.needs.updates.forget(id);
    } catch (error) {
      this.needs.log.warn('the record of updates stays', { container: id, error: messageOf(error) });
    }
  }

  /** Forgets the containers that were removed while there was no shim. */
  private async forgetRemoved(ctx: CallContext): Promise<void> {
    const recorded = this.needs.updates.ids();
    while (recorded.length > 0 && !ctx.signal.aborted) {
      try {
        const rows = await this.needs.engine.listContainers(ctx, { labels: [TYPE_LABEL] });
        const there = new Set(rows.map((row) => row.Id));
        await Promise.all(recorded.filter((id) => !there.has(id)).map((id) => this.forget(id)));
        return;
      } catch (error) {
        ctx.log.debug('updates are not compared with the containers yet', { error: messageOf(error) });
        await pause(ctx, TRY_AGAIN_MS).catch(() => undefined);
      }
    }
  }
}
