import type { Log } from '../lib/log';
import { criCallMetrics, engineRequestMetrics } from './metrics/call-metrics';
import { Reading, type Instrument } from './metrics/instruments';
import { processMetrics } from './metrics/process-metrics';
import { CallObserver } from './observe-calls';
import { EngineObserver } from './observe-engine';
import { SpanExporter } from './tracing/exporter';
import { Tracer } from './tracing/tracer';

export interface TelemetryOptions {
  readonly version: string;
  /** Whether anybody will scrape. */
  readonly metrics: boolean;
  /** The collector of traces, or nothing for none. */
  readonly tracingEndpoint: string | undefined;
  /** Of a million calls that come without a trace, how many are traced. */
  readonly tracingRatePerMillion: number;
  readonly log: Log;
}

/** What watches the shim at work. What nobody asked for is not there, and costs nothing. */
export interface Telemetry {
  readonly calls: CallObserver | undefined;
  readonly engine: EngineObserver | undefined;
  readonly instruments: readonly Instrument[];
  /** Sends what traces are left. */
  stop(): Promise<void>;
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const calls = options.metrics ? criCallMetrics() : undefined;
  const requests = options.metrics ? engineRequestMetrics() : undefined;
  const exporter = exporterOf(options);
  const tracer = exporter === undefined ? undefined : tracerTo(exporter, options.tracingRatePerMillion);
  const watched = calls !== undefined || tracer !== undefined;
  return {
    calls: watched ? new CallObserver(calls, tracer) : undefined,
    engine: watched ? new EngineObserver(requests, tracer) : undefined,
    instruments: [
      ...processMetrics(options.version),
      ...(calls?.instruments() ?? []),
      ...(requests?.instruments() ?? []),
      droppedSpans(exporter),
    ],
    stop: async () => await exporter?.stop(),
  };
}

function exporterOf({ tracingEndpoint: endpoint, version, log }: TelemetryOptions): SpanExporter | undefined {
  if (endpoint === undefined) return undefined;
  const resource = { 'service.name': 'dockershim', 'service.version': version };
  return new SpanExporter({ endpoint, resource, log });
}

function tracerTo(exporter: SpanExporter, ratePerMillion: number): Tracer {
  return new Tracer({
    exported: (span) => exporter.add(span),
    ratio: ratePerMillion / 1_000_000,
    now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
    random: Math.random,
  });
}

function droppedSpans(exporter: SpanExporter | undefined): Instrument {
  const name = 'dockershim_spans_dropped_total';
  return new Reading('counter', name, 'Spans that no collector took.', [], () => [[[], exporter?.dropped ?? 0]]);
}
