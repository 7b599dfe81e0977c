import { readings } from '../../src/app/readings';
import type { Instrument } from '../../src/telemetry/metrics/instruments';
import { createTelemetry } from '../../src/telemetry/telemetry';
import { silentLog } from '../../src/lib/log';

type Parts = Parameters<typeof readings>[0];

/** Every metric of a shim that serves metrics; nothing of them is read. */
export function everyMetric(): readonly Instrument[] {
  const { instruments } = createTelemetry({
    version: '0',
    metrics: true,
    tracingEndpoint: undefined,
    tracingRatePerMillion: 0,
    log: silentLog,
  });
  return [...instruments, ...readings({} as Parts)];
}
