import type { EngineConnection } from './connection';
import type { EngineRequest } from './request';
import type { RegistryAuth } from './types';

/** What dockerode hands to its modem for each call, as far as the shim's calls use it. */
export interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly options?: {
    readonly _query?: Record<string, unknown>;
    readonly _body?: unknown;
    readonly abortSignal?: AbortSignal;
  } | null;
  readonly authconfig?: RegistryAuth;
  readonly abortSignal?: AbortSignal;
  /** A body that is not JSON: an image archive. */
  readonly file?: Buffer;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
}

type DialCallback = (error: unknown, data?: unknown) => void;

/**
 * What dockerode calls instead of docker-modem. The stock modem never settles when the engine drops a connection in the
 * middle of an answer, and inspects its whole agent at every request. This one needs `_query` and `_body` told apart in
 * the options of every call: dockerode's habit of sending one object as both is not repeated here.
 */
export class Modem {
  /** dockerode makes its promises with what it finds here. */
  Promise = Promise;

  constructor(private readonly connection: EngineConnection) {}

  dial(options: DialOptions, callback: DialCallback): void {
    // dockerode's callbacks throw on an answer that lacks what they take from it: that fails the call, not the process.
    this.answer(options)
      .then((data) => callback(null, data))
      .catch((error: unknown) => callback(error));
  }

  private async answer(options: DialOptions): Promise<unknown> {
    const call = toRequest(options);
    if (options.hijack) return await this.connection.hijack(call);
    if (options.isStream) return await this.connection.stream(call);
    return await this.connection.json(call);
  }
}

/** @throws Error when no signal was given: every call must be able to end. */
function toRequest(options: DialOptions): EngineRequest {
  // dockerode lifts the signal out of the options in most calls, but not when it inspects an image.
  const signal = options.abortSignal ?? options.options?.abortSignal;
  if (signal === undefined) throw new Error(`${options.method} ${options.path} was called without a signal`);
  const headers: Record<string, string> = {};
  let body: string | Buffer | undefined;
  if (options.file) {
    headers['content-type'] = 'application/x-tar';
    body = options.file;
  } else if (options.options?._body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.options._body);
  }
  if (options.authconfig) {
    // With padding, which Node's base64url leaves out: engines ignore unpadded credentials without a word.
    const packed = Buffer.from(JSON.stringify(options.authconfig)).toString('base64');
    headers['x-registry-auth'] = packed.replaceAll('+', '-').replaceAll('/', '_');
  }
  return {
    method: options.method,
    path: options.path.replace(/\?.*$/, ''),
    query: options.options?._query,
    headers,
    body,
    signal,
  };
}
