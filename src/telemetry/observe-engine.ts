import type { CallMetrics } from './metrics/call-metrics';
import type { Outcome } from './observe-calls';
import { formatTraceparent } from './tracing/traceparent';
import type { Tracer } from './tracing/tracer';

/** A request to the engine under observation. */
export interface ObservedRequest {
  /** What the request takes along, so that the engine's own spans join the trace. */
  readonly headers: Readonly<Record<string, string>>;
  ended(outcome: Outcome): void;
}

/** What watches the requests to the Docker Engine: metrics, traces or both. */
export class EngineObserver {
  constructor(
    private readonly metrics: CallMetrics | undefined,
    private readonly tracer: Tracer | undefined,
  ) {}

  began(method: string, path: string): ObservedRequest {
    const began = performance.now();
    const operation = operationOf(method, path);
    const span = this.tracer?.question(`docker ${operation}`, { 'http.request.method': method, 'url.path': path });
    return {
      headers: span === undefined ? {} : { traceparent: formatTraceparent(span.context) },
      ended: ({ code, failure }) => {
        this.metrics?.ended(operation, code, performance.now() - began);
        span?.end(failure);
      },
    };
  }
}

/** What may follow `/containers` and the like where else an id or a name stands. */
const COLLECTION_VERBS = new Set(['json', 'create', 'load']);
/** What may follow an id or a name. */
const MEMBER_VERBS = new Set('json start stop update archive logs exec attach resize history'.split(' '));

/** The request without what names one container, exec or image: `GET /containers/{id}/json`. */
export function operationOf(method: string, path: string): string {
  const [, room = '', first = '', ...rest] = path.split('/');
  const ofMembers = room === 'containers' || room === 'images' || room === 'exec';
  if (!ofMembers || (rest.length === 0 && COLLECTION_VERBS.has(first))) return `${method} ${path}`;
  // The name of an image has slashes of its own.
  const last = rest.at(-1) ?? '';
  return `${method} /${room}/{id}${MEMBER_VERBS.has(last) ? `/${last}` : ''}`;
}
