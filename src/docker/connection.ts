import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { ShimError } from '../lib/errors';
import { negotiateApiVersion } from './api-version';
import { answerToError, connectionError } from './errors';
import type { EngineVersion } from './types';

/** The longest answer that is read into memory, in bytes: a list of some tens of thousands of containers. */
const LONGEST_ANSWER = 128 * 1024 * 1024;
/** The longest error text that is kept of a refused stream, in bytes. */
const LONGEST_REFUSAL = 64 * 1024;
const NEGOTIATION_TIMEOUT_MS = 10_000;
/** A list or inspect on a busy node comes from the kubelet's few workers; more connections than this bring nothing. */
const IDLE_CONNECTIONS = 8;

export interface EngineRequest {
  readonly method: string;
  /** Without the version prefix and query, such as `/containers/json`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * HTTP to one Docker Engine over its unix socket, in the negotiated API version. A request always settles: with the
 * whole answer, with Docker's refusal, when the engine hangs up in the middle, or when its signal aborts.
 * The version is negotiated at the first request and again after the connection was lost or the engine refused the
 * version (it was upgraded or downgraded meanwhile).
 */
export class EngineConnection {
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  private negotiation: Promise<string> | undefined;

  constructor(readonly socketPath: string) {}

  /** The parsed JSON of the answer, or undefined for an empty one. */
  async json(call: EngineRequest): Promise<unknown> {
    const text = await this.text(call);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ShimError(
        'Internal',
        `docker answered ${call.method} ${call.path} with something that is not JSON`,
        error,
      );
    }
  }

  /** The answer's body as it comes, for the answers that have no end in sight. Not to be left unread. */
  stream(call: EngineRequest): Promise<IncomingMessage> {
    return this.withVersion(call, (path) => this.open(call, path));
  }

  /** The raw connection after the engine switched protocols: exec and attach. */
  hijack(call: EngineRequest): Promise<Duplex> {
    return this.withVersion(call, (path) => this.upgrade(call, path));
  }

  /** The version in force, negotiated if it must be. */
  apiVersion(): Promise<string> {
    this.negotiation ??= this.negotiate();
    return this.negotiation;
  }

  /** Closes idle connections; requests under way go on. */
  close(): void {
    this.agent.destroy();
  }

  private text(call: EngineRequest): Promise<string> {
    return this.withVersion(call, async (path) => {
      const answer = await this.open(call, path);
      return await this.whole(answer, call, LONGEST_ANSWER);
    });
  }

  private async withVersion<T>(call: EngineRequest, send: (path: string) => Promise<T>): Promise<T> {
    if (call.path === '/version') return await send(call.path);
    const path = `/v${await untilAborted(this.apiVersion(), call.signal)}${call.path}`;
    try {
      return await send(path);
    } catch (error) {
      if (!refusesVersion(error)) throw error;
      this.negotiation = undefined;
      return await send(`/v${await untilAborted(this.apiVersion(), call.signal)}${call.path}`);
    }
  }

  private async negotiate(): Promise<string> {
    try {
      const signal = AbortSignal.timeout(NEGOTIATION_TIMEOUT_MS);
      const offer = (await this.json({ method: 'GET', path: '/version', signal })) as EngineVersion;
      return negotiateApiVersion({ newest: offer.ApiVersion, oldest: offer.MinAPIVersion });
    } catch (error) {
      this.negotiation = undefined;
      throw error;
    }
  }

  /** Sends the request and waits for the head of a good answer. */
  private async open(call: EngineRequest, path: string): Promise<IncomingMessage> {
    const answer = await this.send(call, path);
    const status = answer.statusCode ?? 0;
    // 304: it was started, or stopped, already.
    if ((status >= 200 && status < 300) || status === 304) return answer;
    throw answerToError(status, messageIn(await this.whole(answer, call, LONGEST_REFUSAL)));
  }

  private send(call: EngineRequest, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(this.options(call, path, {}));
      outgoing.on('response', resolve);
      outgoing.on('error', (error) => {
        // The engine closed a kept connection just as it was taken up again: reading anew does no harm.
        if (outgoing.reusedSocket && call.method === 'GET' && !call.signal?.aborted) {
          this.send(call, path).then(resolve, reject);
          return;
        }
        reject(this.lost(error, call.signal));
      });
      outgoing.end(call.body);
    });
  }

  private upgrade(call: EngineRequest, path: string): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const options = this.options(call, path, { connection: 'Upgrade', upgrade: 'tcp' });
      const outgoing = request({ ...options, agent: false });
      outgoing.on('upgrade', (_answer, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      outgoing.on('response', (answer) => {
        this.whole(answer, call, LONGEST_REFUSAL)
          .then((text) => reject(answerToError(answer.statusCode ?? 0, messageIn(text))))
          .catch(reject);
      });
      outgoing.on('error', (error) => reject(this.lost(error, call.signal)));
      outgoing.end(call.body);
    });
  }

  private options(call: EngineRequest, path: string, extra: Record<string, string>): RequestOptions {
    const query = queryString(call.query);
    const headers: Record<string, string | number> = { host: 'docker', ...call.headers, ...extra };
    if (call.body !== undefined) headers['content-length'] = Buffer.byteLength(call.body);
    return {
      socketPath: this.socketPath,
      agent: this.agent,
      method: call.method,
      path: query === '' ? path : `${path}?${query}`,
      headers,
      ...(call.signal && { signal: call.signal }),
    };
  }

  /** Reads an answer to its end. `for await` throws when the engine hangs up before it. */
  private async whole(answer: IncomingMessage, call: EngineRequest, limit: number): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > limit)
          throw new ShimError('Internal', `docker's answer to ${call.path} is longer than ${limit} bytes`);
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof ShimError ? error : this.lost(error as Error, call.signal);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  private lost(error: Error, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    this.negotiation = undefined;
    return connectionError(this.socketPath, error);
  }
}

function queryString(query: EngineRequest['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    params.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return params.toString();
}

/** Docker's refusals are `{"message": "…"}`; a proxy's may be anything. */
function messageIn(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not JSON: the text itself is the message.
  }
  return text;
}

function refusesVersion(error: unknown): boolean {
  return error instanceof ShimError && /client version [\d.]+ is too (new|old)/.test(error.message);
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      end();
      return;
    }
    signal.addEventListener('abort', end, { once: true });
    work
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', end))
      .catch(() => undefined);
  });
}
