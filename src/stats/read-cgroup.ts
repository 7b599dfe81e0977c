import { parseLimitV1, parseMemoryV1, parseSwapV1 } from './cgroup-v1';
import { parseCpuV2, parseMemoryV2, parseSwapV2 } from './cgroup-v2';
import { parseCount } from './kernel-text';
import { parsePressure } from './pressure';
import type { CgroupUsage, MemoryAccount, SwapAccount } from './usage';
import type { MemoryPathsV1, MemoryPathsV2, UsageFiles } from './usage-files';

/** The text of a file of the kernel; undefined when it is not there. */
export type ReadFile = (path: string) => string | undefined;

interface MemoryReading {
  readonly memory: MemoryAccount | undefined;
  readonly swap: SwapAccount | undefined;
}

const NO_MEMORY: MemoryReading = { memory: undefined, swap: undefined };
const NO_PRESSURE: CgroupUsage['pressure'] = { cpu: undefined, memory: undefined, io: undefined };

/** What a cgroup uses, at the time `at` (nanoseconds since 1970); undefined when it is gone. */
export function readCgroup(readFile: ReadFile, files: UsageFiles, at: bigint): CgroupUsage | undefined {
  const { memory, swap } = readMemory(readFile, files.memory);
  const cpuNanoseconds = readCpu(readFile, files.cpu);
  if (cpuNanoseconds === undefined && memory === undefined) return undefined;
  const tasks = files.tasks === undefined ? undefined : parseCount(readFile(files.tasks));
  return { at, cpuNanoseconds, memory, swap, tasks, pressure: readPressure(readFile, files.pressure) };
}

function readCpu(readFile: ReadFile, file: UsageFiles['cpu']): bigint | undefined {
  if (file === undefined) return undefined;
  return file.version === 1 ? parseCount(readFile(file.path)) : parseCpuV2(readFile(file.path));
}

/** A file is opened only if the one before it says that it is there: looking for a missing one takes longest of all. */
function readMemory(readFile: ReadFile, files: UsageFiles['memory']): MemoryReading {
  if (files === undefined) return NO_MEMORY;
  return files.version === 1 ? readMemoryV1(readFile, files) : readMemoryV2(readFile, files);
}

function readMemoryV1(readFile: ReadFile, files: MemoryPathsV1): MemoryReading {
  const limit = readFile(files.limit);
  const texts = {
    usage: readFile(files.usage),
    limit,
    memoryAndSwapLimit: parseLimitV1(limit) === undefined ? undefined : readFile(files.memoryAndSwapLimit),
    stat: readFile(files.stat),
  };
  return { memory: parseMemoryV1(texts), swap: parseSwapV1(texts) };
}

function readMemoryV2(readFile: ReadFile, files: MemoryPathsV2): MemoryReading {
  const current = readFile(files.current);
  if (current === undefined) return NO_MEMORY;
  const swapCurrent = readFile(files.swapCurrent);
  const swapMax = swapCurrent === undefined ? undefined : readFile(files.swapMax);
  const memory = parseMemoryV2({ current, max: readFile(files.max), stat: readFile(files.stat) });
  return { memory, swap: parseSwapV2(swapCurrent, swapMax) };
}

/** The kernel has all three files or none. */
function readPressure(readFile: ReadFile, files: UsageFiles['pressure']): CgroupUsage['pressure'] {
  if (files === undefined) return NO_PRESSURE;
  const cpu = parsePressure(readFile(files.cpu));
  if (cpu === undefined) return NO_PRESSURE;
  return { cpu, memory: parsePressure(readFile(files.memory)), io: parsePressure(readFile(files.io)) };
}
