import { AsyncLocalStorage } from 'node:async_hooks';
import { CLIENT, SERVER, type Attributes, type EndedSpan } from './span';
import { newSpanId, newTraceId, parseTraceparent, type SpanContext } from './traceparent';

export interface TracerOptions {
  /** Takes a sampled span that has ended. Must not throw. */
  readonly exported: (span: EndedSpan) => void;
  /** The share of calls, from 0 to 1, that are traced when their caller says nothing of it. */
  readonly ratio: number;
  /** In nanoseconds since 1970. */
  readonly now: () => bigint;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** A span under way. */
export interface Span {
  readonly context: SpanContext;
  end(failure?: string): void;
}

/**
 * Makes spans. A call continues its caller's trace, sampled when the caller's is; what the call asks of Docker becomes
 * its children, however deep in the call that happens.
 */
export class Tracer {
  private readonly current = new AsyncLocalStorage<SpanContext>();

  constructor(private readonly options: TracerOptions) {}

  /** @param traceparent what the caller sent of its own span, if anything */
  call(name: string, traceparent: string | undefined, attributes: Attributes): Span {
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    return this.begin(name, SERVER, parent, attributes);
  }

  /**
   * A request to another program, within the call under way; undefined outside of a call, where nobody would look for
   * it.
   */
  question(name: string, attributes: Attributes): Span | undefined {
    const parent = this.current.getStore();
    return parent?.sampled ? this.begin(name, CLIENT, parent, attributes) : undefined;
  }

  /** Does the work as part of the span. */
  inSpan<T>(span: Span, work: () => T): T {
    return this.current.run(span.context, work);
  }

  private begin(name: string, kind: EndedSpan['kind'], parent: SpanContext | undefined, attributes: Attributes): Span {
    const context = {
      traceId: parent?.traceId ?? newTraceId(),
      spanId: newSpanId(),
      sampled: parent?.sampled ?? this.options.random() < this.options.ratio,
    };
    const { now, exported } = this.options;
    const began = now();
    const end = (failure?: string): void => {
      if (!context.sampled) return;
      exported({ context, parentId: parent?.spanId, name, kind, began, ended: now(), attributes, failure });
    };
    return { context, end };
  }
}
