import { setImmediate } from 'node:timers/promises';
import type { Engine } from '../docker/engine';
import { readKernelFile } from '../host/kernel-file';
import { throwIfEnded, type CallContext } from '../lib/call-context';
import type { Clock } from '../lib/clock';
import { inParts } from '../lib/in-parts';
import { Moments } from '../lib/moments';
import { CpuRates } from './cpu-rates';
import { openFilesLimit } from './details/open-files-limit';
import { countProcesses, type ProcessCounts } from './details/processes';
import { readDetails, type CgroupDetails } from './details/read';
import { Footprints } from './footprints';
import { LayerSizes, type LayerSize } from './layer-sizes';
import { readCgroup, type ReadFile } from './read-cgroup';
import type { CgroupUsage } from './usage';

export interface ContainerReading {
  readonly usage: CgroupUsage;
  /** CPU use over a recent window; undefined until there have been two readings. */
  readonly nanoCores: bigint | undefined;
  readonly writableLayer: LayerSize | undefined;
}

/** All that there is to know of a container, for its metrics. */
export interface DetailedReading extends ContainerReading {
  readonly details: CgroupDetails;
  /** Undefined where no controller says which processes it has. */
  readonly processes: ProcessCounts | undefined;
  /** Of its first process. */
  readonly openFilesLimit: bigint | undefined;
}

/** Measures containers from the kernel's files. Owns what is remembered from one reading to the next. */
export class ContainerMeter {
  private readonly footprints: Footprints;
  private readonly moments: Moments;
  private readonly rates = new CpuRates();
  private readonly layers: LayerSizes;

  /**
   * @param hugepageSizes those that cgroups limit on this host (host/cgroup/hugepages.ts).
   * @param readFile reads the files that each reading needs.
   */
  constructor(
    engine: Pick<Engine, 'inspectContainer'>,
    clock: Clock,
    private readonly hugepageSizes: readonly string[],
    private readonly readFile: ReadFile,
  ) {
    this.footprints = new Footprints(engine, readFile);
    this.moments = new Moments(clock);
    this.layers = new LayerSizes(clock);
  }

  /** Readings of those that run; a container that ends meanwhile has none. */
  async read(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, ContainerReading>> {
    const footprints = await this.footprints.of(ctx, ids);
    const directories = new Map<string, string>();
    for (const [id, { upperDirectory }] of footprints) {
      if (upperDirectory !== undefined) directories.set(id, upperDirectory);
    }
    const layers = await this.layers.of(ctx, directories);
    const readings = new Map<string, ContainerReading>();
    for await (const some of inParts(ctx, [...footprints])) {
      for (const [id, { files }] of some) {
        const { now, passed } = this.moments.take();
        const usage = readCgroup(this.readFile, files, now);
        if (usage === undefined) continue;
        const nanoCores = this.rates.rate(id, passed, usage.cpuNanoseconds);
        readings.set(id, { usage, nanoCores, writableLayer: layers.get(id) });
      }
    }
    return readings;
  }

  /** The same, with what only the metrics have. */
  async readInDetail(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, DetailedReading>> {
    const readings = await this.read(ctx, ids);
    const detailed = new Map<string, DetailedReading>();
    for (const [id, { cgroup, pid }] of await this.footprints.of(ctx, ids)) {
      const reading = readings.get(id);
      if (reading === undefined) continue;
      const directory = cgroup.pids ?? cgroup.unified ?? cgroup.memory;
      const processes = directory === undefined ? undefined : await countProcesses(ctx, directory);
      detailed.set(id, {
        ...reading,
        details: readDetails(cgroup, this.hugepageSizes),
        processes,
        openFilesLimit: openFilesLimit(readKernelFile(`/proc/${pid}/limits`)),
      });
      await setImmediate();
      throwIfEnded(ctx);
    }
    return detailed;
  }

  /** These are all the containers that there are: what is remembered of others is forgotten. */
  keepOnly(ids: Iterable<string>): void {
    const there = new Set(ids);
    this.footprints.keepOnly(there);
    this.rates.keepOnly(there);
    this.layers.keepOnly(there);
  }

  /** Ends the measuring in the background. */
  stop(): void {
    this.layers.stop();
  }
}
