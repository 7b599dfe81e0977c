import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../lib/endpoint';
import type { Log } from '../lib/log';
import type { CallObserver } from '../telemetry/observe-calls';
import { CallsUnderWay } from './calls-under-way';
import { LARGEST_MESSAGE } from './encode';
import type { HealthVerbs } from './health';
import { CriListener } from './listen/cri-listener';
import { readLongDeadlines } from './long-deadlines';
import { checkAnswers } from './self-check';
import { addCriServices, addHealthService } from './services';
import type { ImageVerbs, RuntimeVerbs } from './verbs';

/**
 * After so long without a call a connection is closed, in milliseconds; clients make a new one with their next call.
 * Those that a client forgets would otherwise stay, and one day keep others out (MAX_CONNECTIONS).
 */
const LONGEST_IDLE_MS = 10 * 60_000;

/** How long calls that lost their client may take to undo what they half made, in milliseconds. */
const AFTERMATH_MS = 10_000;

export interface CriServerOptions {
  readonly endpoints: readonly Endpoint[];
  readonly env: NodeJS.ProcessEnv;
  readonly verbs: { readonly runtime: RuntimeVerbs; readonly image: ImageVerbs; readonly health: HealthVerbs };
  readonly log: Log;
  readonly observer?: CallObserver | undefined;
  /** Instead of ten minutes. */
  readonly longestIdleMs?: number;
}

/** The gRPC face: its sockets and the services behind them. */
export class CriServer {
  private readonly server: Server;
  private readonly calls = new CallsUnderWay();
  /** The connections that were handed to the gRPC server; the listener bounds their number. */
  private readonly connections = new Set<Duplex>();
  private listener: CriListener | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: CriServerOptions) {
    this.server = new Server({
      'grpc.max_receive_message_length': LARGEST_MESSAGE,
      'grpc.max_send_message_length': LARGEST_MESSAGE,
      'grpc.max_connection_idle_ms': options.longestIdleMs ?? LONGEST_IDLE_MS,
      'grpc.enable_channelz': 0,
    });
  }

  /** Listens on every endpoint. @throws ShimError naming the endpoint that can't be served. */
  async start(): Promise<void> {
    const { log, verbs, endpoints, env, observer } = this.options;
    const around = { log, calls: this.calls, observer };
    readLongDeadlines();
    addCriServices(this.server, verbs, around);
    addHealthService(this.server, verbs.health, around);
    // Whoever reaches the socket is let in: its file mode is the lock.
    const injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    const inject = (connection: Duplex): void => {
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
      injector.injectConnection(connection);
    };
    this.listener = await CriListener.open({ endpoints, env, log, inject });
  }

  /** Whether clients still come through. @throws ShimError Unavailable naming the socket on which nothing answers */
  async healthy(): Promise<void> {
    await Promise.all((this.listener?.paths() ?? []).map(checkAnswers));
  }

  /**
   * Takes no new calls and lets those under way finish for `graceMs` milliseconds. Then their connections are cut,
   * which cancels them, and they have ten seconds to undo what they half made. Calling it again waits for the same
   * end.
   */
  stop(graceMs: number): Promise<void> {
    this.stopping ??= this.end(graceMs);
    return this.stopping;
  }

  private async end(graceMs: number): Promise<void> {
    await this.listener?.close();
    const finished = new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    await atMost(graceMs, finished);
    // Not grpc-js's forceShutdown: without channelz it knows of no connection.
    for (const connection of this.connections) connection.destroy();
    await atMost(AFTERMATH_MS, this.calls.ended());
  }
}

/** Waits for the work, `ms` milliseconds at most. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
