import { parseCount, parseKeyed } from './kernel-text';
import type { MemoryAccount, SwapAccount } from './usage';

/** The files of the memory controller, kernel: admin-guide/cgroup-v1/memory. Undefined is a file that is not there. */
export interface MemoryFilesV1 {
  /** memory.usage_in_bytes */
  readonly usage: string | undefined;
  /** memory.limit_in_bytes */
  readonly limit: string | undefined;
  /** memory.memsw.limit_in_bytes: memory and swap together. */
  readonly memoryAndSwapLimit: string | undefined;
  /** memory.stat */
  readonly stat: string | undefined;
}

/** The kernel has no word for "no limit" here: it shows the largest number of whole pages, which depends on their size. */
const NO_LIMIT_FROM = 1n << 62n;

/** The `total_` numbers of memory.stat are those of the cgroup with all below it, as the usage is. */
export function parseMemoryV1(files: MemoryFilesV1): MemoryAccount | undefined {
  const usage = parseCount(files.usage);
  if (usage === undefined || files.stat === undefined) return undefined;
  return {
    usage,
    inactiveFile: parseKeyed(files.stat, 'total_inactive_file') ?? 0n,
    rss: parseKeyed(files.stat, 'total_rss'),
    pageFaults: parseKeyed(files.stat, 'total_pgfault'),
    majorPageFaults: parseKeyed(files.stat, 'total_pgmajfault'),
    limit: parseLimitV1(files.limit),
  };
}

/** Undefined when the kernel does not account swap. The limit is on memory and swap together: what is left is swap's. */
export function parseSwapV1(files: MemoryFilesV1): SwapAccount | undefined {
  const usage = parseKeyed(files.stat ?? '', 'total_swap');
  if (usage === undefined) return undefined;
  const memory = parseLimitV1(files.limit);
  const both = parseLimitV1(files.memoryAndSwapLimit);
  return { usage, limit: memory === undefined || both === undefined ? undefined : both - memory };
}

/** A limit in bytes; undefined when there is none. */
export function parseLimitV1(text: string | undefined): bigint | undefined {
  const limit = parseCount(text);
  return limit !== undefined && limit < NO_LIMIT_FROM ? limit : undefined;
}
