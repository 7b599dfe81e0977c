import { connect, type Socket } from 'node:net';
import { ShimError } from '../lib/errors';

/**
 * A connection to the port at the first of the hosts that takes it, one after the other, each with `timeoutMs`
 * milliseconds. It is paused and may be half-open.
 * @throws ShimError Unavailable with the first refusal; the signal's reason when that ends.
 */
export async function connectFirst(
  hosts: readonly string[],
  port: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const refusals: Error[] = [];
  for (const host of hosts) {
    try {
      return await connectOnce(host, port, timeoutMs, signal);
    } catch (error) {
      signal?.throwIfAborted();
      refusals.push(error as Error);
    }
  }
  throw refusals[0] ?? new ShimError('Unavailable', `there is no address to reach port ${port} at`);
}

function connectOnce(host: string, port: number, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Paused: what the other side says first is for whoever gets the socket.
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true }).pause();
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      socket
        .off('connect', done)
        .off('error', fail)
        .on('error', () => undefined);
    };
    const done = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(new ShimError('Unavailable', error.message, error));
    };
    const end = (): void => fail(signal?.reason as Error);
    const timer = setTimeout(() => fail(new Error(`connect ETIMEDOUT ${host}:${port}`)), timeoutMs);
    socket.once('connect', done).once('error', fail);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
