import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Reading, type Instrument } from './instruments';

/** What the process is and uses. The names without the shim's prefix are those that every Prometheus client has. */
export function processMetrics(version: string): Instrument[] {
  const one = (value: number) => [[[], value] as const];
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  return [
    new Reading('gauge', 'dockershim_build_info', 'Always 1; its labels say what runs.', ['version', 'node'], () => [
      [[version, process.version], 1],
    ]),
    new Reading('counter', 'process_cpu_seconds_total', 'CPU time of the shim, user and system.', [], () =>
      one(cpuSeconds()),
    ),
    new Reading('gauge', 'process_resident_memory_bytes', 'Memory of the shim that is resident.', [], () =>
      one(process.memoryUsage.rss()),
    ),
    new Reading('gauge', 'process_start_time_seconds', 'When the shim started, in seconds since 1970.', [], () =>
      one(performance.timeOrigin / 1000),
    ),
    new Reading('gauge', 'process_open_fds', 'Files, sockets and pipes that the shim has open.', [], () =>
      one(openDescriptors()),
    ),
    new Reading('gauge', 'nodejs_heap_size_used_bytes', 'JavaScript memory in use.', [], () =>
      one(process.memoryUsage().heapUsed),
    ),
    new Reading('counter', 'dockershim_event_loop_busy_seconds_total', 'Time that the event loop worked.', [], () =>
      one(performance.eventLoopUtilization().active / 1000),
    ),
  ];
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}
