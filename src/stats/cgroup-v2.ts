import { parseCount, parseKeyed } from './kernel-text';
import type { MemoryAccount, SwapAccount } from './usage';

/** The files of the memory controller, kernel: admin-guide/cgroup-v2. Undefined is a file that is not there. */
export interface MemoryFilesV2 {
  /** memory.current */
  readonly current: string | undefined;
  /** memory.max */
  readonly max: string | undefined;
  /** memory.stat */
  readonly stat: string | undefined;
}

/** CPU time in nanoseconds out of cpu.stat, which counts microseconds. */
export function parseCpuV2(stat: string | undefined): bigint | undefined {
  const microseconds = parseKeyed(stat ?? '', 'usage_usec');
  return microseconds === undefined ? undefined : microseconds * 1000n;
}

export function parseMemoryV2(files: MemoryFilesV2): MemoryAccount | undefined {
  const usage = parseCount(files.current);
  if (usage === undefined || files.stat === undefined) return undefined;
  return {
    usage,
    inactiveFile: parseKeyed(files.stat, 'inactive_file') ?? 0n,
    rss: parseKeyed(files.stat, 'anon'),
    pageFaults: parseKeyed(files.stat, 'pgfault'),
    majorPageFaults: parseKeyed(files.stat, 'pgmajfault'),
    limit: parseCount(files.max),
  };
}

/** Out of memory.swap.current and memory.swap.max, which a kernel without swap accounting does not have. */
export function parseSwapV2(current: string | undefined, max: string | undefined): SwapAccount | undefined {
  const usage = parseCount(current);
  return usage === undefined ? undefined : { usage, limit: parseCount(max) };
}
