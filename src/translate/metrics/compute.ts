import { counter, counters, gauge, gauges, one, seconds, type MetricDefinition } from './definition';
import type { MeasuredContainer } from './measured';

const FAILURE_LABELS = ['failure_type', 'scope'];

/** A container's processor and memory: the metrics that pods do not have. */
export const COMPUTE_METRICS: readonly MetricDefinition<MeasuredContainer>[] = [
  counter('container_cpu_user_seconds_total', 'CPU time used outside of the kernel, in seconds.', ({ reading }) =>
    seconds(reading.details.cpu.user),
  ),
  counter('container_cpu_system_seconds_total', 'CPU time used in the kernel, in seconds.', ({ reading }) =>
    seconds(reading.details.cpu.system),
  ),
  counter('container_cpu_cfs_periods_total', 'Periods of the CPU quota.', ({ reading }) => reading.details.cpu.periods),
  counter(
    'container_cpu_cfs_throttled_periods_total',
    'Periods in which the CPU quota was used up.',
    ({ reading }) => reading.details.cpu.throttledPeriods,
  ),
  counter('container_cpu_cfs_throttled_seconds_total', 'Time that the CPU quota took, in seconds.', ({ reading }) =>
    seconds(reading.details.cpu.throttled),
  ),
  gauge('container_memory_cache', 'Page cache, in bytes.', ({ reading }) => reading.details.memory.cache),
  gauge(
    'container_memory_kernel_usage',
    'Memory of the kernel for it, in bytes.',
    ({ reading }) => reading.details.memory.kernel,
  ),
  gauge(
    'container_memory_mapped_file',
    'Files mapped into memory, in bytes.',
    ({ reading }) => reading.details.memory.mappedFile,
  ),
  gauge(
    'container_memory_max_usage_bytes',
    'The most memory that was ever in use.',
    ({ reading }) => reading.details.memory.peak,
  ),
  counter(
    'container_memory_failcnt',
    'How often the memory limit was hit.',
    ({ reading }) => reading.details.memory.limitHits,
  ),
  counters('container_memory_failures_total', 'Page faults.', FAILURE_LABELS, ({ reading: { details, usage } }) => [
    ...one(details.memory.ownPageFaults, 'pgfault', 'container'),
    ...one(details.memory.ownMajorPageFaults, 'pgmajfault', 'container'),
    ...one(usage.memory?.pageFaults, 'pgfault', 'hierarchy'),
    ...one(usage.memory?.majorPageFaults, 'pgmajfault', 'hierarchy'),
  ]),
  counter(
    'container_oom_events_total',
    'Processes that the kernel killed for want of memory.',
    ({ reading }) => reading.details.memory.oomKills,
  ),
  gauges('container_hugetlb_usage_bytes', 'Huge pages in use, in bytes.', ['pagesize'], ({ reading }) =>
    reading.details.hugepages.flatMap(({ size, usage }) => one(usage, size)),
  ),
  gauges(
    'container_hugetlb_max_usage_bytes',
    'The most huge pages ever in use, in bytes.',
    ['pagesize'],
    ({ reading }) => reading.details.hugepages.flatMap(({ size, peak }) => one(peak, size)),
  ),
];
