import type { Attributes, EndedSpan } from './span';

/** OTLP's code of a span's status: an error. */
const ERROR = 2;

/** An export request as OTLP over HTTP has it in JSON (opentelemetry-proto 1.0: trace ids in hexadecimal). */
export function exportRequest(spans: readonly EndedSpan[], resource: Attributes): string {
  const scopeSpans = [{ scope: { name: 'dockershim' }, spans: spans.map(otlpSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans }] });
}

function otlpSpan({ context, parentId, name, kind, began, ended, attributes, failure }: EndedSpan): object {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    name,
    kind,
    startTimeUnixNano: String(began),
    endTimeUnixNano: String(ended),
    attributes: keyValues(attributes),
    ...(failure === undefined ? {} : { status: { code: ERROR, message: failure } }),
  };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
