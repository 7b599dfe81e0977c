import { gauge, gauges, one, seconds, type MetricDefinition } from './definition';
import type { MeasuredContainer } from './measured';

/** A container's processes. */
export const PROCESS_METRICS: readonly MetricDefinition<MeasuredContainer>[] = [
  gauge('container_processes', 'Processes that run.', ({ reading }) => reading.processes?.processes),
  gauge('container_file_descriptors', 'Open file descriptors.', ({ reading }) => reading.processes?.descriptors),
  gauge('container_sockets', 'Open sockets.', ({ reading }) => reading.processes?.sockets),
  gauge(
    'container_threads_max',
    'Threads that there may be; 0 is without a limit.',
    ({ reading }) => reading.details.mostTasks,
  ),
  gauges('container_ulimits_soft', 'Soft limits of the first process.', ['ulimit'], ({ reading }) =>
    one(reading.openFilesLimit, 'max_open_files'),
  ),
  gauge('container_start_time_seconds', 'When it started, in seconds since 1970.', ({ startedAt }) =>
    seconds(startedAt),
  ),
];
