import type { ContainerIndex } from '../index/container-index';
import type { StreamingServer } from '../streaming/server';
import { Reading, type Instrument } from '../telemetry/metrics/instruments';
import type { Parts } from './parts';

/** What is counted elsewhere and read at the scrape. */
export function readings({ streaming, index }: Parts): Instrument[] {
  return [streamingSessions(streaming), indexDrift(index)];
}

function streamingSessions(streaming: StreamingServer): Reading {
  const help = 'Exec, attach and port-forward sessions that run.';
  return new Reading('gauge', 'dockershim_streaming_sessions', help, [], () => [[[], streaming.running]]);
}

function indexDrift(index: ContainerIndex): Reading {
  const help = 'Containers of which the index was wrong while events of Docker flowed.';
  return new Reading('counter', 'dockershim_index_drift_total', help, [], () => [[[], index.drift]]);
}
