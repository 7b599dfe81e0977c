import { join } from 'node:path';
import type { CgroupDirectories } from './cgroup-directories';
import { parseMemoryV1, parseSwapV1 } from './cgroup-v1';
import { parseCpuV2, parseMemoryV2, parseSwapV2 } from './cgroup-v2';
import { readKernelFile } from './kernel-file';
import { parseCount } from './kernel-text';
import { parsePressure } from './pressure';
import type { CgroupUsage, MemoryAccount, SwapAccount } from './usage';

/** What a cgroup uses, at the time `at` (nanoseconds since 1970); undefined when it is gone. */
export function readCgroup(directories: CgroupDirectories, at: bigint): CgroupUsage | undefined {
  const { cpuacct, pids, unified } = directories;
  const { memory, swap } = readMemory(directories);
  const cpuNanoseconds =
    cpuacct === undefined ? parseCpuV2(read(unified, 'cpu.stat')) : parseCount(read(cpuacct, 'cpuacct.usage'));
  if (cpuNanoseconds === undefined && memory === undefined) return undefined;
  return {
    at,
    cpuNanoseconds,
    memory,
    swap,
    tasks: parseCount(read(pids ?? unified, 'pids.current')),
    pressure: {
      cpu: parsePressure(read(unified, 'cpu.pressure')),
      memory: parsePressure(read(unified, 'memory.pressure')),
      io: parsePressure(read(unified, 'io.pressure')),
    },
  };
}

function readMemory({ memory: v1, unified: v2 }: CgroupDirectories): {
  memory: MemoryAccount | undefined;
  swap: SwapAccount | undefined;
} {
  if (v1 === undefined) {
    const files = { current: read(v2, 'memory.current'), max: read(v2, 'memory.max'), stat: read(v2, 'memory.stat') };
    const swap = parseSwapV2(read(v2, 'memory.swap.current'), read(v2, 'memory.swap.max'));
    return { memory: parseMemoryV2(files), swap };
  }
  const files = {
    usage: read(v1, 'memory.usage_in_bytes'),
    limit: read(v1, 'memory.limit_in_bytes'),
    memoryAndSwapLimit: read(v1, 'memory.memsw.limit_in_bytes'),
    stat: read(v1, 'memory.stat'),
  };
  return { memory: parseMemoryV1(files), swap: parseSwapV1(files) };
}

function read(directory: string | undefined, file: string): string | undefined {
  return directory === undefined ? undefined : readKernelFile(join(directory, file));
}
