import { connect, type Socket } from 'node:net';

/** What the shim asks of the process in the pod's network namespace. */
export interface ConnectRequest {
  readonly id: number;
  readonly port: number;
  /** Addresses to try, one after the other. */
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
}

/** The answer. With `ok` comes the connected socket, as the message's handle. */
export type ConnectAnswer =
  { readonly id: number; readonly ok: true } | { readonly id: number; readonly ok: false; readonly error: string };

/**
 * The whole of a process that lives in a pod's network namespace: it connects where it is told to, and hands each
 * connected socket back to the shim over the channel between them. A socket belongs to the namespace that it was made
 * in, so it goes on working there; no byte passes through here. It ends with the channel, which alone keeps it alive.
 */
export function serveNetnsConnections(): void {
  process.on('message', (request: ConnectRequest) => {
    connectFirst(request).then(
      (socket) => send({ id: request.id, ok: true }, socket),
      (error: Error) => send({ id: request.id, ok: false, error: error.message }),
    );
  });
}

function send(answer: ConnectAnswer, socket?: Socket): void {
  process.send?.(answer, socket, {}, () => socket?.destroy());
}

/** The first address that takes the connection; the first refusal, when none does. */
async function connectFirst(request: ConnectRequest): Promise<Socket> {
  const refusals: Error[] = [];
  for (const host of request.hosts) {
    try {
      return await connectOnce(host, request.port, request.timeoutMs);
    } catch (error) {
      refusals.push(error as Error);
    }
  }
  throw refusals[0] ?? new Error('there is no address to connect to');
}

function connectOnce(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Nothing is read here: what the pod says first is for the shim.
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true }).pause();
    const timer = setTimeout(() => socket.destroy(new Error(`connect ETIMEDOUT ${host}:${port}`)), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
