import { request, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { ShimError } from '../lib/errors';
import { relayedBody, wholeAnswer, wordsOfRefusal } from './answer';
import { answerToError, connectionError } from './errors';
import { HijackedSocket } from './hijacked-socket';
import type { KeptSockets } from './kept-sockets';
import { requestOptions, type EngineRequest } from './request';

/**
 * One request and its answer over the engine's socket. It always settles: with the answer, with Docker's refusal, with
 * Unavailable when the connection can't be made or breaks, or with its signal's reason.
 */
export class Exchange {
  constructor(
    private readonly socketPath: string,
    private readonly sockets: KeptSockets,
  ) {}

  /** The whole body of a good answer. */
  async text(call: EngineRequest, path: string): Promise<string> {
    const answer = await this.good(call, path);
    return await this.reading(call, wholeAnswer(answer));
  }

  /** The body of a good answer as it comes. */
  async stream(call: EngineRequest, path: string): Promise<Readable> {
    return relayedBody(await this.good(call, path), (error) => this.lost(call, error));
  }

  /** The connection itself after the engine switched protocols. From then on it is the caller's to end. */
  upgrade(call: EngineRequest, path: string): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const options = requestOptions(call, path);
      const headers = { ...options.headers, connection: 'Upgrade', upgrade: 'tcp' };
      const createConnection = (): Duplex => new HijackedSocket().connect(this.socketPath);
      const outgoing = request({ ...options, headers, createConnection });
      outgoing.once('upgrade', (_answer, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      outgoing.once('response', (answer) => {
        this.notUpgraded(call, answer).catch(reject);
      });
      outgoing.on('error', (error) => reject(this.lost(call, error)));
      outgoing.end(call.body);
    });
  }

  /** @throws always */
  private async notUpgraded(call: EngineRequest, answer: IncomingMessage): Promise<never> {
    if (!isGood(answer)) throw await this.refusal(call, answer);
    answer.destroy();
    throw new ShimError('Internal', `docker answered ${call.method} ${call.path} without handing over the connection`);
  }

  /** Sends the request and waits for the head of a good answer. */
  private async good(call: EngineRequest, path: string): Promise<IncomingMessage> {
    const answer = await this.send(call, path, 'kept');
    if (isGood(answer)) return answer;
    throw await this.refusal(call, answer);
  }

  private async refusal(call: EngineRequest, answer: IncomingMessage): Promise<Error> {
    return answerToError(answer.statusCode ?? 0, await this.reading(call, wordsOfRefusal(answer)));
  }

  /**
   * A kept connection may be closed by the engine just as it is taken up again. A GET is then sent once more, on a
   * connection of its own. Nothing else is: the engine may have carried it out before it went, so that a second create
   * finds its name taken and a second remove answers NotFound; and an engine that closes connections is about to be
   * away for seconds, which the client's own next try outlasts.
   */
  private send(call: EngineRequest, path: string, connection: 'kept' | 'new'): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const agent = connection === 'kept' ? this.sockets.pool : false;
      const outgoing = request({ ...requestOptions(call, path), socketPath: this.socketPath, agent });
      if (connection === 'kept') this.sockets.watch(outgoing);
      let answered = false;
      outgoing.once('response', (answer) => {
        answered = true;
        resolve(answer);
      });
      outgoing.on('error', (error) => {
        // What fails after the head reaches the reader of the body.
        if (answered) return;
        const closedByEngine = outgoing.reusedSocket && !call.signal.aborted && !this.sockets.closed;
        if (closedByEngine && call.method === 'GET') this.send(call, path, 'new').then(resolve, reject);
        else reject(this.lost(call, error));
      });
      outgoing.end(call.body);
    });
  }

  private async reading<T>(call: EngineRequest, body: Promise<T>): Promise<T> {
    try {
      return await body;
    } catch (error) {
      throw error instanceof ShimError ? error : this.lost(call, error as Error);
    }
  }

  private lost(call: EngineRequest, error: Error): Error {
    return call.signal.aborted ? (call.signal.reason as Error) : connectionError(this.socketPath, error);
  }
}

/** 304: it was started, or stopped, already. */
function isGood({ statusCode: status = 0 }: IncomingMessage): boolean {
  return (status >= 200 && status < 300) || status === 304;
}
