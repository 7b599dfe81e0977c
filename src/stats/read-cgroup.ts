import type { CgroupDirectories } from './cgroup-directories';
import { parseLimitV1, parseMemoryV1, parseSwapV1 } from './cgroup-v1';
import { parseCpuV2, parseMemoryV2, parseSwapV2 } from './cgroup-v2';
import { parseCount } from './kernel-text';
import { parsePressure } from './pressure';
import type { CgroupUsage, MemoryAccount, SwapAccount } from './usage';

/** The text of a file of the kernel; undefined when it is not there. */
export type ReadFile = (path: string) => string | undefined;

type Read = (directory: string | undefined, file: string) => string | undefined;

/** What a cgroup uses, at the time `at` (nanoseconds since 1970); undefined when it is gone. */
export function readCgroup(readFile: ReadFile, directories: CgroupDirectories, at: bigint): CgroupUsage | undefined {
  const read: Read = (directory, file) => (directory === undefined ? undefined : readFile(`${directory}/${file}`));
  const { cpuacct, pids, unified } = directories;
  const { memory, swap } = readMemory(read, directories);
  const cpuNanoseconds =
    cpuacct === undefined ? parseCpuV2(read(unified, 'cpu.stat')) : parseCount(read(cpuacct, 'cpuacct.usage'));
  if (cpuNanoseconds === undefined && memory === undefined) return undefined;
  const tasks = parseCount(read(pids ?? unified, 'pids.current'));
  return { at, cpuNanoseconds, memory, swap, tasks, pressure: readPressure(read, unified) };
}

/** A file is opened only if the one before it says that it is there: looking for a missing one takes longest of all. */
function readMemory(
  read: Read,
  { memory: v1, unified: v2 }: CgroupDirectories,
): { memory: MemoryAccount | undefined; swap: SwapAccount | undefined } {
  if (v1 === undefined) {
    const current = read(v2, 'memory.current');
    if (current === undefined) return { memory: undefined, swap: undefined };
    const swapCurrent = read(v2, 'memory.swap.current');
    const swapMax = swapCurrent === undefined ? undefined : read(v2, 'memory.swap.max');
    const memory = parseMemoryV2({ current, max: read(v2, 'memory.max'), stat: read(v2, 'memory.stat') });
    return { memory, swap: parseSwapV2(swapCurrent, swapMax) };
  }
  const limit = read(v1, 'memory.limit_in_bytes');
  const files = {
    usage: read(v1, 'memory.usage_in_bytes'),
    limit,
    memoryAndSwapLimit: parseLimitV1(limit) === undefined ? undefined : read(v1, 'memory.memsw.limit_in_bytes'),
    stat: read(v1, 'memory.stat'),
  };
  return { memory: parseMemoryV1(files), swap: parseSwapV1(files) };
}

/** The kernel has all three files or none. */
function readPressure(read: Read, unified: string | undefined): CgroupUsage['pressure'] {
  const cpu = parsePressure(read(unified, 'cpu.pressure'));
  if (cpu === undefined) return { cpu, memory: undefined, io: undefined };
  const memory = parsePressure(read(unified, 'memory.pressure'));
  return { cpu, memory, io: parsePressure(read(unified, 'io.pressure')) };
}
