import type { ContainerIndex } from '../index/container-index';
import type { ContainerLogs } from '../logs/container-logs';
import type { StreamingServer } from '../streaming/server';
import { Reading, type Instrument } from '../telemetry/metrics/instruments';
import type { Parts } from './parts/build';

/** What is counted elsewhere and read at the scrape. */
export function readings(parts: Pick<Parts, 'streaming' | 'index' | 'logs'>): Instrument[] {
  return [...ofIndex(parts.index), ...ofLogs(parts.logs), streamingSessions(parts.streaming)];
}

function ofIndex(index: ContainerIndex): Instrument[] {
  return [
    new Reading('gauge', 'dockershim_pod_sandboxes', 'Pod sandboxes that are known, by state.', ['state'], () =>
      byState(index.counts().podsandbox),
    ),
    new Reading('gauge', 'dockershim_containers', 'Containers of pods that are known, by state.', ['state'], () =>
      byState(index.counts().container),
    ),
    new Reading('gauge', 'dockershim_index_in_step', '1 while reads are answered without Docker.', [], () => [
      [[], index.isInStep ? 1 : 0],
    ]),
    new Reading(
      'counter',
      'dockershim_index_drift_total',
      'Containers of which the index was wrong while events of Docker flowed.',
      [],
      () => [[[], index.drift]],
    ),
  ];
}

function byState({ running, all }: { readonly running: number; readonly all: number }) {
  return [
    [['running'], running],
    [['stopped'], all - running],
  ] as const;
}

function ofLogs(logs: ContainerLogs): Instrument[] {
  return [
    new Reading('gauge', 'dockershim_logs_followed', 'Containers whose output is written to a CRI log.', [], () => [
      [[], logs.following],
    ]),
    new Reading(
      'gauge',
      'dockershim_logs_lag_bytes',
      'Output that is not in its CRI log yet, where Docker keeps it as json-file: of all containers, and of the one that is furthest behind.',
      ['of'],
      async () => {
        const all = [...(await logs.lag()).values()];
        return [
          [['all'], all.reduce((sum, bytes) => sum + bytes, 0)],
          [['worst'], Math.max(0, ...all)],
        ];
      },
    ),
    new Reading(
      'counter',
      'dockershim_logs_gaps_total',
      'Times that Docker had rotated output away before it was in its CRI log.',
      [],
      () => [[[], logs.gaps]],
    ),
  ];
}

function streamingSessions(streaming: StreamingServer): Reading {
  const help = 'Exec, attach and port-forward sessions that run.';
  return new Reading('gauge', 'dockershim_streaming_sessions', help, [], () => [[[], streaming.running]]);
}
