import type { CgroupDirectories } from './cgroup-directories';

/**
 * The paths of a cgroup's files that each reading needs. They are put together once: made anew for each
 * reading, they were half of the garbage of a node's stats. Undefined where the host has no such controller.
 */
export interface UsageFiles {
  readonly cpu: { readonly version: 1 | 2; readonly path: string } | undefined;
  readonly tasks: string | undefined;
  readonly memory: MemoryPathsV1 | MemoryPathsV2 | undefined;
  readonly pressure: { readonly cpu: string; readonly memory: string; readonly io: string } | undefined;
}

export interface MemoryPathsV1 {
  readonly version: 1;
  readonly usage: string;
  readonly limit: string;
  readonly memoryAndSwapLimit: string;
  readonly stat: string;
}

export interface MemoryPathsV2 {
  readonly version: 2;
  readonly current: string;
  readonly max: string;
  readonly stat: string;
  readonly swapCurrent: string;
  readonly swapMax: string;
}

export function usageFiles({ cpuacct, memory, pids, unified }: CgroupDirectories): UsageFiles {
  const counting = pids ?? unified;
  return {
    cpu: cpuacct === undefined ? cpuOfV2(unified) : { version: 1, path: `${cpuacct}/cpuacct.usage` },
    tasks: counting === undefined ? undefined : `${counting}/pids.current`,
    memory: memory === undefined ? memoryOfV2(unified) : memoryOfV1(memory),
    pressure: unified === undefined ? undefined : pressureOf(unified),
  };
}

function cpuOfV2(directory: string | undefined): UsageFiles['cpu'] {
  return directory === undefined ? undefined : { version: 2, path: `${directory}/cpu.stat` };
}

function memoryOfV1(directory: string): MemoryPathsV1 {
  return {
    version: 1,
    usage: `${directory}/memory.usage_in_bytes`,
    limit: `${directory}/memory.limit_in_bytes`,
    memoryAndSwapLimit: `${directory}/memory.memsw.limit_in_bytes`,
    stat: `${directory}/memory.stat`,
  };
}

function memoryOfV2(directory: string | undefined): MemoryPathsV2 | undefined {
  if (directory === undefined) return undefined;
  return {
    version: 2,
    current: `${directory}/memory.current`,
    max: `${directory}/memory.max`,
    stat: `${directory}/memory.stat`,
    swapCurrent: `${directory}/memory.swap.current`,
    swapMax: `${directory}/memory.swap.max`,
  };
}

function pressureOf(directory: string): UsageFiles['pressure'] {
  return {
    cpu: `${directory}/cpu.pressure`,
    memory: `${directory}/memory.pressure`,
    io: `${directory}/io.pressure`,
  };
}
