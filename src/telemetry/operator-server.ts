import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withDetached, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { closeAtOnce, listening } from '../lib/listening';
import type { Log } from '../lib/log';
import { OpeningConnections, type OpeningLimits } from '../lib/opening-connections';
import { CONTENT_TYPE, exposition } from './metrics/exposition';
import type { Instrument } from './metrics/instruments';

const ANSWER_TIMEOUT_MS = 5_000;
/** A scraper and a prober or two ask here, at once. */
const OPENING: OpeningLimits = { most: 64, ms: 10_000 };
/** How long a client may take to read a part of its answer, in milliseconds. */
const READ_TIMEOUT_MS = 30_000;

export interface OperatorServerOptions {
  readonly host: string;
  /** 0 for any free one; the log says which. */
  readonly port: number;
  readonly instruments: readonly Instrument[];
  /** Rejects with the reason when the shim itself doesn't work. */
  readonly healthy: () => Promise<void>;
  /** Rejects with the reason while pods can't be run. */
  readonly ready: (ctx: CallContext) => Promise<void>;
  readonly log: Log;
  /** Limits of connections that have not sent their request; by default 64, for ten seconds. */
  readonly opening?: OpeningLimits;
}

/**
 * What operators and their machines ask over HTTP: /metrics for Prometheus; /healthz, whether the shim itself works; and
 * /readyz, whether its Docker Engine answers too. It tells nothing secret and takes no orders.
 */
export class OperatorServer {
  private readonly opening: OpeningConnections;
  private server: Server | undefined;

  constructor(private readonly options: OperatorServerOptions) {
    this.opening = new OpeningConnections(options.opening ?? OPENING);
  }

  /** Answers the address in use. @throws ShimError FailedPrecondition when it can't be had. */
  async start(): Promise<string> {
    const { host, port, log } = this.options;
    const server = createServer((request, response) => {
      this.opening.asked(request.socket);
      const path = (request.url ?? '').replace(/\?.*$/, '');
      if (request.method === 'GET' || request.method === 'HEAD') this.answer(path, response);
      else send(response, 405, 'only GET is answered here\n');
    });
    server.on('connection', (socket) => this.opening.add(socket));
    server.timeout = READ_TIMEOUT_MS;
    this.server = server;
    await listening(server, { host, port }).catch((error: unknown) => {
      const what = `cannot listen on ${host}:${port} for metrics: ${messageOf(error)}`;
      throw new ShimError('FailedPrecondition', what, error);
    });
    server.on('error', (error) => log.warn('accepting a connection for metrics failed', { error: error.message }));
    const { address, family, port: bound } = server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/metrics`;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    await closeAtOnce(server);
  }

  private answer(path: string, response: ServerResponse): void {
    if (path === '/metrics') void this.answerMetrics(response);
    else if (path === '/healthz') void this.answerWell(response, () => this.options.healthy());
    else if (path === '/readyz') void this.answerWell(response, (ctx) => this.options.ready(ctx));
    else send(response, 404, 'there are /metrics, /healthz and /readyz here\n');
  }

  /** Never rejects. */
  private async answerMetrics(response: ServerResponse): Promise<void> {
    try {
      send(response, 200, await exposition(this.options.instruments), CONTENT_TYPE);
    } catch (error) {
      send(response, 500, `${messageOf(error)}\n`);
    }
  }

  /** Never rejects. */
  private async answerWell(response: ServerResponse, isWell: (ctx: CallContext) => Promise<void>): Promise<void> {
    try {
      await withDetached(this.options.log, ANSWER_TIMEOUT_MS, 'the answer', isWell);
      send(response, 200, 'ok\n');
    } catch (error) {
      send(response, 503, `${messageOf(error)}\n`);
    }
  }
}

/** One answer a connection: nobody asks again before Node would close it. */
function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), connection: 'close' };
  response.writeHead(status, headers);
  response.end(body);
}
