/**
 * What the kernel accounts to one cgroup and everything below it, in bytes and nanoseconds. What the kernel does not
 * account, by its version or its configuration, is undefined.
 */
export interface CgroupUsage {
  /** When it was read, in nanoseconds since 1970. */
  readonly at: bigint;
  /** CPU time since the cgroup was made, summed over cores. */
  readonly cpuNanoseconds: bigint | undefined;
  readonly memory: MemoryAccount | undefined;
  readonly swap: SwapAccount | undefined;
  /** Processes and their threads: the pids controller counts both. */
  readonly tasks: bigint | undefined;
  readonly pressure: {
    readonly cpu: Pressure | undefined;
    readonly memory: Pressure | undefined;
    readonly io: Pressure | undefined;
  };
}

export interface MemoryAccount {
  /** All that is charged, page cache included. */
  readonly usage: bigint;
  /** File pages that nobody has used lately: the kernel drops them first. */
  readonly inactiveFile: bigint;
  /** Anonymous memory. */
  readonly rss: bigint | undefined;
  readonly pageFaults: bigint | undefined;
  readonly majorPageFaults: bigint | undefined;
  /** Undefined without a limit. */
  readonly limit: bigint | undefined;
}

export interface SwapAccount {
  readonly usage: bigint;
  /** Of swap alone; undefined without a limit. */
  readonly limit: bigint | undefined;
}

/** Pressure stall information: the time that some tasks, or all at once, waited for the resource. */
export interface Pressure {
  readonly some: PressureLine | undefined;
  readonly full: PressureLine | undefined;
}

export interface PressureLine {
  /** Percent of the last 10, 60 and 300 seconds. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  /** Since the cgroup was made. */
  readonly totalNanoseconds: bigint;
}
