import type { LinuxContainerResources } from '../../../generated/runtime/v1/api';
import { gauge, type MetricDefinition } from './definition';
import type { MeasuredContainer } from './measured';

/** The kernel's own, where nobody said another: microseconds, and the weight beside other cgroups. */
const DEFAULT_PERIOD = 100_000n;
const DEFAULT_SHARES = 1024n;

/** What a container may use. */
export const SPEC_METRICS: readonly MetricDefinition<MeasuredContainer>[] = [
  resource('container_spec_cpu_period', 'Period of the CPU quota, in microseconds.', ({ cpuPeriod }) =>
    cpuPeriod === 0n ? DEFAULT_PERIOD : cpuPeriod,
  ),
  resource('container_spec_cpu_quota', 'CPU quota in a period, in microseconds.', ({ cpuQuota }) =>
    cpuQuota > 0n ? cpuQuota : undefined,
  ),
  resource('container_spec_cpu_shares', 'CPU shares.', ({ cpuShares }) =>
    cpuShares === 0n ? DEFAULT_SHARES : cpuShares,
  ),
  resource('container_spec_memory_limit_bytes', 'Memory limit; 0 is without one.', ({ memoryLimitInBytes }) =>
    limit(memoryLimitInBytes),
  ),
  resource(
    'container_spec_memory_swap_limit_bytes',
    'Limit of memory and swap together; 0 is without one.',
    ({ memorySwapLimitInBytes }) => limit(memorySwapLimitInBytes),
  ),
  gauge(
    'container_spec_memory_reservation_limit_bytes',
    'Memory that it keeps when memory is short.',
    ({ reading }) => reading.details.memory.reservation,
  ),
];

function resource(
  name: string,
  help: string,
  value: (resources: LinuxContainerResources) => bigint | undefined,
): MetricDefinition<MeasuredContainer> {
  return gauge(name, help, ({ resources }) => resources && value(resources));
}

function limit(bytes: bigint): bigint {
  return bytes < 0n ? 0n : bytes;
}
