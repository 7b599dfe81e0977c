import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Log } from '../lib/log';
import type { Endpoint } from './listen/endpoint';
import { CriListener } from './listen/cri-listener';
import { addCriServices } from './services';
import type { ImageVerbs, RuntimeVerbs } from './verbs';

/** Kubelet and crictl send and take at most this much in one message, in bytes. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

export interface CriServerOptions {
  readonly endpoints: readonly Endpoint[];
  readonly env: NodeJS.ProcessEnv;
  readonly verbs: { readonly runtime: RuntimeVerbs; readonly image: ImageVerbs };
  readonly log: Log;
}

/** The gRPC face: its sockets and the services behind them. */
export class CriServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE,
    'grpc.max_send_message_length': LARGEST_MESSAGE,
    'grpc.enable_channelz': 0,
  });
  private listener: CriListener | undefined;
  private requests = 0;

  constructor(private readonly options: CriServerOptions) {}

  /** Listens on every endpoint. @throws ShimError naming the endpoint that can't be served. */
  async start(): Promise<void> {
    const { log, verbs, endpoints, env } = this.options;
    addCriServices(this.server, verbs, { log, nextRequestId: () => (this.requests += 1) });
    // Whoever reaches the socket is let in: its file mode is the lock.
    const injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    this.listener = await CriListener.open({
      endpoints,
      env,
      log,
      inject: (connection) => injector.injectConnection(connection),
    });
  }

  /** Takes no new calls, lets those under way finish for `graceMs` milliseconds, and ends what is left. */
  async stop(graceMs: number): Promise<void> {
    await this.listener?.close();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([new Promise<void>((resolve) => this.server.tryShutdown(() => resolve())), grace]);
    clearTimeout(timer);
    this.server.forceShutdown();
  }
}
