import { join } from 'node:path';
import type { Engine } from '../docker/engine';
import type { DiskUsage, EngineInfo } from '../docker/types';
import { pause, withDetached, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';
import { untilEnded } from '../lib/until-ended';

/** How long a measurement is good for: the kubelet asks every 10 s, and on a full node Docker counts for seconds. */
const FRESH_MS = 60_000;
/** How long Docker may count. Nobody waits that long, but the next caller finds the result. */
const LONGEST_MEASUREMENT_MS = 10 * 60_000;
/** Where a containerd of its own keeps its state, when the engine doesn't run one under its root directory. */
const SYSTEM_CONTAINERD_ROOT = '/var/lib/containerd';
const SNAPSHOTTER = 'io.containerd.snapshotter.v1';

export interface DiskMeasurement {
  /** Directories that may hold the images; the first that exists does. */
  readonly imageRoots: readonly string[];
  /** Bytes of all image layers, each counted once. */
  readonly imageBytes: bigint;
  /** Bytes of all containers' writable layers. */
  readonly containerBytes: bigint;
}

/** Docker before 23 refuses to count twice at a time, also when somebody else is counting: how long to wait for that. */
const BUSY_WAIT_MS = 200;

/** What Docker says of its disk, counted at most once a minute and never twice at a time. Owned by the fs-info verb. */
export class DiskUsageGauge {
  private last: { readonly at: number; readonly measurement: DiskMeasurement } | undefined;
  private running: Promise<DiskMeasurement> | undefined;

  /** `now` is a clock in milliseconds. */
  constructor(
    private readonly engine: Pick<Engine, 'diskUsage' | 'info'>,
    private readonly now: () => number,
  ) {}

  /** At most a minute old. A caller that leaves before it is there leaves the measuring to go on. */
  async read(ctx: CallContext): Promise<DiskMeasurement> {
    if (this.last !== undefined && this.now() - this.last.at <= FRESH_MS) return this.last.measurement;
    this.running ??= this.measure(ctx.log).finally(() => (this.running = undefined));
    return await untilEnded(ctx, this.running);
  }

  private async measure(log: Log): Promise<DiskMeasurement> {
    const measurement = await withDetached(log, LONGEST_MEASUREMENT_MS, "measuring Docker's disk", async (ctx) =>
      toMeasurement(await this.engine.info(ctx), await this.diskUsage(ctx)),
    );
    this.last = { at: this.now(), measurement };
    return measurement;
  }

  private async diskUsage(ctx: CallContext): Promise<DiskUsage> {
    for (;;) {
      try {
        return await this.engine.diskUsage(ctx);
      } catch (error) {
        if (!/disk usage operation is already running/.test(messageOf(error))) throw error;
        await pause(ctx, BUSY_WAIT_MS);
      }
    }
  }
}

function toMeasurement(info: EngineInfo, usage: DiskUsage): DiskMeasurement {
  const containers = usage.Containers ?? [];
  return {
    imageRoots: imageRoots(info),
    imageBytes: BigInt(usage.ImageUsage?.TotalSize ?? usage.LayersSize ?? 0),
    containerBytes: containers.reduce((sum, { SizeRw }) => sum + BigInt(SizeRw ?? 0), 0n),
  };
}

/** An engine that keeps images in containerd names the snapshotter's plugin; that has a directory in containerd's root. */
function imageRoots({ DockerRootDir: root, Driver: driver, DriverStatus: status }: EngineInfo): string[] {
  const inContainerd = status?.some(([name, value]) => name === 'driver-type' && value === SNAPSHOTTER) ?? false;
  if (!inContainerd) return [root];
  const ownContainerdRoot = join(root, 'containerd', 'daemon');
  return [...[ownContainerdRoot, SYSTEM_CONTAINERD_ROOT].map((at) => join(at, `${SNAPSHOTTER}.${driver}`)), root];
}
