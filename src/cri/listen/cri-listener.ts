import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pathOfSocket } from '../../host/unix-socket/socket-path';
import type { Endpoint } from '../../lib/endpoint';
import { messageOf } from '../../lib/errors';
import type { Log } from '../../lib/log';
import { OpeningConnections, type OpeningLimits } from '../../lib/opening-connections';
import { acceptConnection } from './accept-connection';
import { chooseActivated, listenOnActivated, takeActivatedSockets } from './activated-sockets';
import { listenOnPath, type RemoveSocket } from './unix-socket';

/** A kubelet keeps two connections, each tool one. More than this are closed as soon as they are accepted. */
const MAX_CONNECTIONS = 512;
/**
 * Those that wait for their first request leave room for others. gRPC's clients connect for a call; one that is cut off
 * connects again for the next.
 */
const OPENING: OpeningLimits = { most: 256, ms: 60_000 };

export interface ListenerOptions {
  readonly endpoints: readonly Endpoint[];
  /** The environment that systemd's socket activation speaks through; its variables are removed. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Takes over a connection whose client speaks HTTP/2: the gRPC server's connection injector. */
  readonly inject: (connection: Duplex) => void;
  /** Limits of connections without a request; by default half of all connections, for a minute. */
  readonly opening?: OpeningLimits;
}

/** The open sockets of the gRPC face. */
export class CriListener {
  private readonly servers: Server[] = [];
  private readonly served: string[] = [];
  private readonly removals: RemoveSocket[] = [];
  /** Connections that were accepted and not injected yet. */
  private readonly opening: OpeningConnections;

  private constructor(private readonly options: ListenerOptions) {
    this.opening = new OpeningConnections(options.opening ?? OPENING);
  }

  /**
   * Listens on every endpoint, or on none.
   * @throws ShimError FailedPrecondition for the first endpoint that can't be served.
   */
  static async open(options: ListenerOptions): Promise<CriListener> {
    const listener = new CriListener(options);
    try {
      await listener.listen();
      return listener;
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  /** Where clients connect: the paths of its own sockets, and of those that systemd has passed on. */
  paths(): string[] {
    return [...this.served];
  }

  /**
   * Stops accepting and removes the socket files. Connections without a request end; those that were injected go on
   * and are the gRPC server's to finish.
   */
  async close(): Promise<void> {
    const removed = await Promise.allSettled(this.removals.splice(0).map((remove) => remove()));
    for (const server of this.servers.splice(0)) server.close();
    this.opening.clear();
    for (const result of removed) {
      if (result.status === 'rejected') {
        this.options.log.warn('a socket file could not be removed', { error: messageOf(result.reason) });
      }
    }
  }

  private async listen(): Promise<void> {
    const { endpoints, env } = this.options;
    const passed = takeActivatedSockets(env, process.pid);
    for (const endpoint of endpoints) {
      if (endpoint.kind === 'path') {
        this.removals.push(await this.serve((server) => listenOnPath(server, endpoint.path)));
        this.served.push(endpoint.path);
        continue;
      }
      for (const socket of chooseActivated(passed, endpoint.name)) {
        await this.serve((server) => listenOnActivated(server, socket));
        const path = await pathOfSocket(socket.fd);
        if (path !== undefined) this.served.push(path);
      }
    }
  }

  private async serve<T>(start: (server: Server) => Promise<T>): Promise<T> {
    const server = createServer((socket) => this.accept(socket));
    server.maxConnections = MAX_CONNECTIONS;
    const started = await start(server);
    // From here on an error is a failed accept (no descriptors left), which concerns that one connection.
    server.on('error', (error) => this.options.log.warn('accepting a connection failed', { error: error.message }));
    this.servers.push(server);
    return started;
  }

  private accept(socket: Socket): void {
    this.opening.add(socket);
    acceptConnection(socket, this.options.log, (connection) => {
      this.opening.asked(socket);
      this.options.inject(connection);
    });
  }
}
