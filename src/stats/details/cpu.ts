import { parseKeyed } from '../kernel-text';

/** How a cgroup's CPU time was spent, and how its quota held it back. Since it was made; times in nanoseconds. */
export interface CpuDetails {
  readonly user: bigint | undefined;
  readonly system: bigint | undefined;
  /** Periods of the quota in which it ran; all three are zero without a quota. */
  readonly periods: bigint | undefined;
  readonly throttledPeriods: bigint | undefined;
  readonly throttled: bigint | undefined;
}

/** The kernel counts user and system time in v1 in hundredths of a second, on every architecture (USER_HZ). */
const NANOSECONDS_IN_TICK = 10_000_000n;
const NANOSECONDS_IN_MICROSECOND = 1_000n;

/** Out of cpuacct.stat and cpu.stat of cgroup v1. */
export function parseCpuDetailsV1(cpuacctStat: string | undefined, cpuStat: string | undefined): CpuDetails {
  const ticks = (key: string) => times(parseKeyed(cpuacctStat ?? '', key), NANOSECONDS_IN_TICK);
  const count = (key: string) => parseKeyed(cpuStat ?? '', key);
  return {
    user: ticks('user'),
    system: ticks('system'),
    periods: count('nr_periods'),
    throttledPeriods: count('nr_throttled'),
    throttled: count('throttled_time'),
  };
}

/** Out of cpu.stat of cgroup v2. */
export function parseCpuDetailsV2(stat: string | undefined): CpuDetails {
  const count = (key: string) => parseKeyed(stat ?? '', key);
  const microseconds = (key: string) => times(count(key), NANOSECONDS_IN_MICROSECOND);
  return {
    user: microseconds('user_usec'),
    system: microseconds('system_usec'),
    periods: count('nr_periods'),
    throttledPeriods: count('nr_throttled'),
    throttled: microseconds('throttled_usec'),
  };
}

function times(value: bigint | undefined, factor: bigint): bigint | undefined {
  return value === undefined ? undefined : value * factor;
}
