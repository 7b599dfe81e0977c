import type { Duplex, Readable } from 'node:stream';
import { kindOf, messageOf, ShimError } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import type { EngineObserver } from '../telemetry/observe-engine';
import { negotiateApiVersion } from './api-version';
import { refusesApiVersion } from './errors';
import { Exchange } from './exchange';
import { KeptSockets } from './kept-sockets';
import type { EngineRequest } from './request';
import type { EngineVersion } from './types';

const NEGOTIATION_TIMEOUT_MS = 10_000;

type Send<T> = (call: EngineRequest, path: string) => Promise<T>;

/**
 * HTTP to one Docker Engine over its unix socket, in the negotiated API version. Every request settles (exchange.ts).
 * The version is negotiated at the first request, and anew when the engine may be another one: it ended a connection,
 * or refuses the version.
 */
export class EngineConnection {
  private readonly sockets = new KeptSockets(() => this.mayBeReplaced());
  private readonly exchange: Exchange;
  private negotiation: Promise<string> | undefined;
  private engines = 0;

  constructor(
    readonly socketPath: string,
    private readonly observer?: Pick<EngineObserver, 'began'>,
  ) {
    this.exchange = new Exchange(socketPath, this.sockets);
  }

  /** Changes when the engine may be another one: what was known of it must be asked again. */
  get generation(): number {
    return this.engines;
  }

  /** The whole answer as text. */
  text(call: EngineRequest): Promise<string> {
    return this.observed(call, (sent, path) => this.exchange.text(sent, path));
  }

  /** The parsed JSON of the answer, or undefined for an empty one. */
  async json(call: EngineRequest): Promise<unknown> {
    const text = await this.text(call);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      const what = `docker answered ${call.method} ${call.path} with something that is not JSON`;
      throw new ShimError('Internal', what, error);
    }
  }

  /** The answer's body as it comes, for the answers that have no end in sight. Not to be left unread. */
  stream(call: EngineRequest): Promise<Readable> {
    return this.observed(call, (sent, path) => this.exchange.stream(sent, path));
  }

  /**
   * The raw connection after the engine switched protocols: exec and attach. The signal ends the handshake; the
   * connection that comes of it is the caller's to destroy.
   */
  hijack(call: EngineRequest): Promise<Duplex> {
    return this.observed(call, (sent, path) => this.exchange.upgrade(sent, path));
  }

  /**
   * The version in force, negotiated if it must be, in at most ten seconds. Those who ask meanwhile share the
   * negotiation, and each leaves with its own signal.
   * @throws ShimError Unavailable without an engine; FailedPrecondition when it is too old or too new.
   */
  apiVersion(signal: AbortSignal): Promise<string> {
    this.negotiation ??= this.negotiate();
    return untilEnded({ signal }, this.negotiation);
  }

  /** Closes all connections but the hijacked ones; requests that are under way fail. */
  close(): void {
    this.sockets.close();
  }

  private mayBeReplaced(): void {
    this.engines += 1;
    this.negotiation = undefined;
  }

  private async observed<T>(call: EngineRequest, send: Send<T>): Promise<T> {
    const observed = this.observer?.began(call.method, call.path);
    if (observed === undefined) return await this.inVersion(call, (path) => send(call, path));
    const sent = { ...call, headers: { ...call.headers, ...observed.headers } };
    try {
      const answer = await this.inVersion(sent, (path) => send(sent, path));
      observed.ended({ code: 'OK' });
      return answer;
    } catch (error) {
      observed.ended({ code: kindOf(error), failure: messageOf(error) });
      throw error;
    }
  }

  private async inVersion<T>(call: EngineRequest, send: (path: string) => Promise<T>): Promise<T> {
    // The question for the version is the one that has none.
    if (call.path === '/version') return await send(call.path);
    const version = await this.apiVersion(call.signal);
    const { engines } = this;
    try {
      return await send(`/v${version}${call.path}`);
    } catch (error) {
      if (!refusesApiVersion(error)) throw error;
      // Unless another request was told so before this one.
      if (this.engines === engines) this.mayBeReplaced();
      return await send(`/v${await this.apiVersion(call.signal)}${call.path}`);
    }
  }

  private negotiate(): Promise<string> {
    const negotiation = this.askVersion();
    // A failure is told to those who wait for it and not kept.
    negotiation.catch(() => {
      if (this.negotiation === negotiation) this.negotiation = undefined;
    });
    return negotiation;
  }

  private async askVersion(): Promise<string> {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const what = `the Docker Engine on ${this.socketPath} did not say its version in ${NEGOTIATION_TIMEOUT_MS / 1000} s`;
      controller.abort(new ShimError('Unavailable', `${what}: see whether it hangs (docker version)`));
    }, NEGOTIATION_TIMEOUT_MS);
    try {
      const offer = await this.json({ method: 'GET', path: '/version', signal: controller.signal });
      const { ApiVersion: newest, MinAPIVersion: oldest } = (offer ?? {}) as Partial<EngineVersion>;
      return negotiateApiVersion({ newest, oldest });
    } finally {
      clearTimeout(timer);
    }
  }
}
