import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { closeAtOnce, listening } from '../lib/listening';
import type { Log } from '../lib/log';
import { OpeningConnections, type OpeningLimits } from '../lib/opening-connections';
import { refuse } from './http-answer';
import type { PortForwardSession } from './port-forward';
import type { RemoteCommandSession } from './remote-command';
import { ReceiveTurns } from './spdy/receive-turns';
import { MOST_WAITING, Tokens } from './tokens';
import type { Upgrade } from './upgrade';
import { UnfinishedMessages } from './web-socket/unfinished-messages';

export type Session = RemoteCommandSession | PortForwardSession;

/** Serves one session on the connection that its client has brought: answers the upgrade and goes on to the end. */
export type ServeSession<S extends Session> = (session: S, upgrade: Upgrade, ctx: CallContext) => Promise<void>;

export interface StreamingServerOptions {
  /** An IP address; what reaches it needs no more than a token. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** More sessions than this at the same time are refused. */
  readonly maxSessions: number;
  /**
   * Limits of connections that have not sent their request; by default as many as there may be URLs, for ten seconds.
   */
  readonly opening?: OpeningLimits;
  readonly serveRemoteCommand: ServeSession<RemoteCommandSession>;
  readonly servePortForward: ServeSession<PortForwardSession>;
  readonly log: Log;
}

/** Go's servers take headers of a megabyte; some clients bring long ones through their proxies. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Clients send their request at once, and no more of them can be expected than URLs were given out. */
const OPENING: OpeningLimits = { most: MOST_WAITING, ms: 10_000 };
const PATH = /^\/(exec|attach|portforward)\/([\w-]+)$/;

/**
 * The HTTP server behind the URLs that Exec, Attach and PortForward answer. A URL is good once; whoever connects with it
 * gets the session that it stands for, over SPDY or WebSocket.
 */
export class StreamingServer {
  private readonly tokens = new Tokens<Session>(() => performance.now());
  private readonly sessions = new Map<AbortController, Session>();
  private readonly unfinished: UnfinishedMessages;
  private readonly turns = new ReceiveTurns();
  private readonly opening: OpeningConnections;
  private server: Server | undefined;

  constructor(private readonly options: StreamingServerOptions) {
    this.opening = new OpeningConnections(options.opening ?? OPENING);
    this.unfinished = new UnfinishedMessages(options.log);
  }

  /** @throws ShimError FailedPrecondition when the address can't be had. */
  async start(): Promise<void> {
    const { host, port, log } = this.options;
    const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
      this.opening.asked(request.socket);
      // A request that does not want to change the protocol has no business here, but uses up its token all the same.
      const known = this.redeem(request) !== undefined;
      response.writeHead(known ? 400 : 404, { 'content-type': 'text/plain', connection: 'close' });
      response.end(known ? 'unable to upgrade: missing upgrade headers in request\n' : '404 page not found\n');
    });
    server.on('connection', (socket) => this.opening.add(socket));
    server.on('upgrade', (request, socket, head) => {
      const { unfinished, turns } = this;
      this.upgrade({ request, socket: socket as Socket, head, unfinished, turns });
    });
    this.server = server;
    await listening(server, { host, port }).catch((error: unknown) => {
      const what = `cannot listen on ${host}:${port} for streaming: ${messageOf(error)}`;
      throw new ShimError('FailedPrecondition', what, error);
    });
    server.on('error', (error) => log.warn('accepting a streaming connection failed', { error: error.message }));
  }

  /**
   * The URL for a session. It is absolute: kubelets from 1.36 on take no other.
   * @throws ShimError ResourceExhausted when too many URLs wait for their clients.
   */
  url(session: Session): string {
    const address = this.server?.address() as AddressInfo | null | undefined;
    if (!address) throw new ShimError('Unavailable', 'the streaming server does not run');
    return `http://${reachable(address)}:${address.port}/${session.kind}/${this.tokens.issue(session)}`;
  }

  /** How many sessions run: for metrics and tests. */
  get running(): number {
    return this.sessions.size;
  }

  /** Ends the port-forwards of a sandbox that was stopped. */
  endPortForwards(sandboxId: string): void {
    for (const [controller, session] of this.sessions) {
      if (session.kind !== 'portforward' || session.sandboxId !== sandboxId) continue;
      controller.abort(new ShimError('Cancelled', `the pod sandbox ${sandboxId} was stopped`));
    }
  }

  /** Takes no new connections and ends the sessions. What runs in containers goes on. */
  async stop(): Promise<void> {
    this.tokens.clear();
    for (const controller of this.sessions.keys())
      controller.abort(new ShimError('Unavailable', 'the shim is stopping'));
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    await closeAtOnce(server);
  }

  private upgrade(upgrade: Upgrade): void {
    const { request, socket } = upgrade;
    this.opening.asked(socket);
    socket.on('error', () => undefined);
    const session = this.redeem(request);
    if (session === undefined) return refuse(socket, 404, '404 page not found');
    if (this.sessions.size >= this.options.maxSessions) {
      return refuse(socket, 429, `${this.options.maxSessions} streaming sessions run already`, [['Retry-After', '60']]);
    }
    socket.setNoDelay(true);
    socket.setTimeout(0);
    const controller = new AbortController();
    this.sessions.set(controller, session);
    socket.once('close', () => controller.abort(new ShimError('Cancelled', 'the client has gone')));
    const log = this.options.log.with({ session: session.kind });
    this.serve(session, upgrade, { signal: controller.signal, log })
      .catch((error: unknown) => {
        log.warn('a streaming session failed', { error: messageOf(error) });
        socket.destroy();
      })
      .finally(() => this.sessions.delete(controller));
  }

  private async serve(session: Session, upgrade: Upgrade, ctx: CallContext): Promise<void> {
    if (session.kind === 'portforward') await this.options.servePortForward(session, upgrade, ctx);
    else await this.options.serveRemoteCommand(session, upgrade, ctx);
  }

  /** The session that the request's path stands for; its token is used up, also when it was for another kind. */
  private redeem(request: IncomingMessage): Session | undefined {
    const [, kind, token] = PATH.exec((request.url ?? '').replace(/\?.*$/, '')) ?? [];
    if (token === undefined || (request.method !== 'GET' && request.method !== 'POST')) return undefined;
    const session = this.tokens.redeem(token);
    return session?.kind === kind ? session : undefined;
  }
}

/**
 * The host for a URL. A server that listens on every address is named by its loopback one: the kubelet is on the node.
 */
function reachable({ address, family }: AddressInfo): string {
  if (family !== 'IPv6') return address === '0.0.0.0' ? '127.0.0.1' : address;
  return address === '::' ? '[::1]' : `[${address}]`;
}
