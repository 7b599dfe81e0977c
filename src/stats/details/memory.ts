import { parseLimitV1 } from '../cgroup-v1';
import { parseCount, parseKeyed } from '../kernel-text';

/** What a cgroup's memory is, and how its limit held it back. Bytes, and counts since it was made. */
export interface MemoryDetails {
  readonly cache: bigint | undefined;
  /** The kernel's own, for the cgroup's sake: stacks, page tables, sockets. */
  readonly kernel: bigint | undefined;
  readonly mappedFile: bigint | undefined;
  /** The most that was ever charged at a time. */
  readonly peak: bigint | undefined;
  /** How often the limit was hit. */
  readonly limitHits: bigint | undefined;
  /** Of the cgroup without those below it. Only v1 tells them apart. */
  readonly ownPageFaults: bigint | undefined;
  readonly ownMajorPageFaults: bigint | undefined;
  /** Processes that the kernel killed for want of memory. */
  readonly oomKills: bigint | undefined;
  /** What it is left with when memory is short elsewhere; zero when nobody promised it any. */
  readonly reservation: bigint | undefined;
}

export interface MemoryDetailFilesV1 {
  /** memory.stat */
  readonly stat: string | undefined;
  /** memory.kmem.usage_in_bytes */
  readonly kernel: string | undefined;
  /** memory.max_usage_in_bytes */
  readonly peak: string | undefined;
  /** memory.failcnt */
  readonly failures: string | undefined;
  /** memory.memsw.failcnt: of memory and swap together, the only limit that is hit when it is no higher. */
  readonly swapFailures: string | undefined;
  /** memory.oom_control, which counts kills since Linux 4.13 */
  readonly oomControl: string | undefined;
  /** memory.soft_limit_in_bytes */
  readonly softLimit: string | undefined;
}

export function parseMemoryDetailsV1(files: MemoryDetailFilesV1): MemoryDetails {
  const stat = (key: string) => parseKeyed(files.stat ?? '', key);
  return {
    cache: stat('total_cache'),
    kernel: parseCount(files.kernel),
    mappedFile: stat('total_mapped_file'),
    peak: parseCount(files.peak),
    limitHits: sum(parseCount(files.failures), parseCount(files.swapFailures)),
    ownPageFaults: stat('pgfault'),
    ownMajorPageFaults: stat('pgmajfault'),
    oomKills: parseKeyed(files.oomControl ?? '', 'oom_kill'),
    reservation: files.softLimit === undefined ? undefined : (parseLimitV1(files.softLimit) ?? 0n),
  };
}

export interface MemoryDetailFilesV2 {
  /** memory.stat */
  readonly stat: string | undefined;
  /** memory.peak, since Linux 5.19 */
  readonly peak: string | undefined;
  /** memory.events */
  readonly events: string | undefined;
  /** memory.low */
  readonly low: string | undefined;
}

export function parseMemoryDetailsV2(files: MemoryDetailFilesV2): MemoryDetails {
  const stat = (key: string) => parseKeyed(files.stat ?? '', key);
  const event = (key: string) => parseKeyed(files.events ?? '', key);
  return {
    cache: stat('file'),
    kernel: stat('kernel') ?? kernelBefore518(stat),
    mappedFile: stat('file_mapped'),
    peak: parseCount(files.peak),
    limitHits: event('max'),
    ownPageFaults: stat('pgfault'),
    ownMajorPageFaults: stat('pgmajfault'),
    oomKills: event('oom_kill'),
    reservation: parseCount(files.low),
  };
}

/** Linux before 5.18 has the parts only, and the page tables since 5.13. */
function kernelBefore518(stat: (key: string) => bigint | undefined): bigint | undefined {
  const [stacks, slab] = [stat('kernel_stack'), stat('slab')];
  return stacks === undefined || slab === undefined ? undefined : stacks + slab + (stat('pagetables') ?? 0n);
}

/** What is hit counts in one of the two, and kernels that do not account swap have one of them. */
function sum(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  return one === undefined ? undefined : one + (other ?? 0n);
}
