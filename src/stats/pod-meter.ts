import type { Engine } from '../docker/engine';
import { readKernelFile } from '../host/kernel-file';
import type { CallContext } from '../lib/call-context';
import type { Clock } from '../lib/clock';
import { inParts } from '../lib/in-parts';
import { Moments } from '../lib/moments';
import { CpuRates } from './cpu-rates';
import { Footprints, type Footprint } from './footprints';
import { parseNetworkDevices, type InterfaceCounters } from './network-devices';
import { readCgroup, type ReadFile } from './read-cgroup';
import type { CgroupUsage } from './usage';

export interface PodReading {
  /** Of the pod's cgroup or, in a pod that was given none, of the pause container's. */
  readonly usage: CgroupUsage;
  readonly wholePod: boolean;
  readonly nanoCores: bigint | undefined;
  /** Undefined on the host's network. */
  readonly network: readonly InterfaceCounters[] | undefined;
}

/** Measures pods from the kernel's files, through their pause containers. */
export class PodMeter {
  private readonly footprints: Footprints;
  private readonly moments: Moments;
  private readonly rates = new CpuRates();

  /**
   * @param readFile reads the files that each reading needs.
   */
  constructor(
    engine: Pick<Engine, 'inspectContainer'>,
    clock: Clock,
    private readonly readFile: ReadFile,
  ) {
    this.footprints = new Footprints(engine, readFile);
    this.moments = new Moments(clock);
  }

  /** Readings of the pods whose pause container runs, by its id. */
  async read(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, PodReading>> {
    const readings = new Map<string, PodReading>();
    for await (const some of inParts(ctx, [...(await this.footprints.of(ctx, ids))])) {
      for (const [id, footprint] of some) {
        const reading = this.readPod(id, footprint);
        if (reading !== undefined) readings.set(id, reading);
      }
    }
    return readings;
  }

  /** These are all the pods that there are: what is remembered of others is forgotten. */
  keepOnly(ids: Iterable<string>): void {
    const there = new Set(ids);
    this.footprints.keepOnly(there);
    this.rates.keepOnly(there);
  }

  private readPod(id: string, { pid, files, podFiles, hostNetwork }: Footprint): PodReading | undefined {
    const { now, passed } = this.moments.take();
    const usage = readCgroup(this.readFile, podFiles ?? files, now);
    if (usage === undefined) return undefined;
    const devices = hostNetwork ? undefined : readKernelFile(`/proc/${pid}/net/dev`);
    return {
      usage,
      wholePod: podFiles !== undefined,
      nanoCores: this.rates.rate(id, passed, usage.cpuNanoseconds),
      network: devices === undefined ? undefined : parseNetworkDevices(devices),
    };
  }
}
