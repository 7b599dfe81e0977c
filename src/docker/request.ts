import type { RequestOptions } from 'node:http';

/** One question to the engine. */
export interface EngineRequest {
  readonly method: string;
  /** Without the version prefix and query, such as `/containers/json`. */
  readonly path: string;
  /** A list repeats its name, an object is sent as JSON, what is undefined is left out. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Ends the request; of a hijacked one, the handshake. */
  readonly signal: AbortSignal;
}

/** What node:http needs to send it under `path`, which has the version. */
export function requestOptions(
  call: EngineRequest,
  path: string,
): RequestOptions & { headers: Record<string, string> } {
  const query = queryString(call.query ?? {});
  const length = call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) };
  return {
    method: call.method,
    path: query === '' ? path : `${path}?${query}`,
    headers: { host: 'docker', ...call.headers, ...length },
    signal: call.signal,
  };
}

function queryString(query: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
      if (value !== undefined) params.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  }
  return params.toString();
}
