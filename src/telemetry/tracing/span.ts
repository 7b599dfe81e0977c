import type { SpanContext } from './traceparent';

/** OpenTelemetry's kinds of spans, by their numbers in OTLP. */
export const SERVER = 2;
export const CLIENT = 3;

export type Attributes = Readonly<Record<string, string>>;

/** A span that has ended, as the exporter takes it. Times are nanoseconds since 1970. */
export interface EndedSpan {
  readonly context: SpanContext;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: typeof SERVER | typeof CLIENT;
  readonly began: bigint;
  readonly ended: bigint;
  readonly attributes: Attributes;
  /** What went wrong; a span without is not in error. */
  readonly failure: string | undefined;
}
