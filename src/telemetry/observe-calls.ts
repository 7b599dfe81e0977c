import type { CallMetrics } from './metrics/call-metrics';
import type { Tracer } from './tracing/tracer';

/** How a call or a request went: `OK`, or the kind of its failure and its words. */
export interface Outcome {
  readonly code: string;
  readonly failure?: string;
}

/** A call that has come in. */
export interface IncomingCall {
  /** gRPC's path of it, such as `/runtime.v1.RuntimeService/Version`. */
  readonly path: string;
  /** The caller's span, as it was sent. */
  readonly traceparent: string | undefined;
}

/** One call under observation. */
export interface ObservedCall {
  /** The trace's id when the call is traced, for the log. */
  readonly traceId: string | undefined;
  inSpan<T>(work: () => T): T;
  ended(outcome: Outcome): void;
}

/** What watches the CRI calls: metrics, traces or both. */
export class CallObserver {
  constructor(
    private readonly metrics: CallMetrics | undefined,
    private readonly tracer: Tracer | undefined,
  ) {}

  began({ path, traceparent }: IncomingCall): ObservedCall {
    const began = performance.now();
    const name = path.slice(1);
    const [service = '', method = ''] = name.split('/');
    const span = this.tracer?.call(name, traceparent, {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
    });
    return {
      traceId: span?.context.sampled === true ? span.context.traceId : undefined,
      inSpan: (work) => (span === undefined || this.tracer === undefined ? work() : this.tracer.inSpan(span, work)),
      ended: ({ code, failure }) => {
        this.metrics?.ended(method, code, performance.now() - began);
        span?.end(failure);
      },
    };
  }
}
