import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connectFirst } from '../../../../src/host/tcp-connect';
import { silentLog } from '../../../../src/lib/log';
import type { DialPod } from '../../../../src/streaming/port-forward';
import { servePortForward } from '../../../../src/streaming/port-forward/serve';
import { StreamingServer } from '../../../../src/streaming/server';

/** The streaming server, and programs in a pod that are in this process. */
export class Served {
  private readonly programs: Server[] = [];
  private readonly clients: { vanish(): void }[] = [];

  private constructor(
    readonly server: StreamingServer,
    /** The shim's ends of the connections to the pod. */
    private readonly dialed: readonly Socket[],
    readonly dial: DialPod,
  ) {}

  static async start(dial?: DialPod, idleTimeoutMs = 60_000): Promise<Served> {
    const dialed: Socket[] = [];
    const server: StreamingServer = new StreamingServer({
      host: '127.0.0.1',
      port: 0,
      maxSessions: 10,
      serveRemoteCommand: () => Promise.resolve(),
      servePortForward: servePortForward(dial ?? dialInto(dialed), { idleTimeoutMs }),
      log: silentLog,
    });
    await server.start();
    return new Served(server, dialed, dialInto(dialed));
  }

  url(ports: readonly number[] = []): string {
    return this.server.url({ kind: 'portforward', sandboxId: 'pod', ports });
  }

  /** A program that listens in the pod; the answer is its port. Its connections are allowed to be half-open. */
  async program(serve: (socket: Socket) => void): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    }).listen(0, '127.0.0.1');
    this.programs.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** From now on the port refuses connections. */
  async closeProgram(port: number): Promise<void> {
    const program = this.programs.find((one) => (one.address() as AddressInfo | null)?.port === port);
    await new Promise((resolve) => program?.close(resolve));
  }

  /** Has the client vanish with the rest. */
  with<Client extends { vanish(): void }>(client: Client): Client {
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.vanish();
    await this.server.stop();
    for (const socket of this.dialed) socket.destroy();
    for (const program of this.programs) program.close();
  }

  /** Waits until no session runs and no connection to the pod is left. */
  async empty(): Promise<void> {
    while (this.server.running > 0 || this.dialed.some((socket) => !socket.destroyed)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function dialInto(dialed: Socket[]): DialPod {
  return async (_sandboxId, port, { signal }) => {
    const socket = await connectFirst(['127.0.0.1'], port, 5_000, signal);
    dialed.push(socket);
    return socket;
  };
}

/** Sends all that comes back, and ends when the client does. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}
