import type { CgroupUsage, Pressure } from '../../stats/usage';
import { workingSet } from '../stats';
import { counter, counters, gauge, one, seconds, type MetricDefinition } from './definition';

/** The metrics that both containers and whole pods have. */
export const USAGE_METRICS: readonly MetricDefinition<CgroupUsage>[] = [
  counters('container_cpu_usage_seconds_total', 'CPU time used, in seconds.', ['cpu'], ({ cpuNanoseconds }) =>
    one(seconds(cpuNanoseconds), 'total'),
  ),
  gauge('container_memory_usage_bytes', 'Memory in use, page cache included.', ({ memory }) => memory?.usage),
  gauge('container_memory_working_set_bytes', 'Memory in use without idle file pages.', ({ memory }) =>
    memory === undefined ? undefined : workingSet(memory),
  ),
  gauge('container_memory_rss', 'Anonymous memory, in bytes.', ({ memory }) => memory?.rss),
  gauge('container_memory_swap', 'Swap in use, in bytes.', ({ swap }) => swap?.usage),
  gauge('container_threads', 'Threads that there are.', ({ tasks }) => tasks),
  gauge('container_last_seen', 'When this was read, in seconds since 1970.', ({ at }) => seconds(at)),
  ...pressureMetrics('cpu', 'a processor'),
  ...pressureMetrics('memory', 'memory'),
  ...pressureMetrics('io', 'a disk'),
];

function pressureMetrics(resource: 'cpu' | 'memory' | 'io', what: string): MetricDefinition<CgroupUsage>[] {
  const total = (line: keyof Pressure) => (usage: CgroupUsage) =>
    seconds(usage.pressure[resource]?.[line]?.totalNanoseconds);
  return [
    counter(
      `container_pressure_${resource}_waiting_seconds_total`,
      `Time that some waited for ${what}.`,
      total('some'),
    ),
    counter(`container_pressure_${resource}_stalled_seconds_total`, `Time that all waited for ${what}.`, total('full')),
  ];
}
