import type { Socket } from 'node:net';
import { messageOf } from '../../lib/errors';
import { connectFirst } from '../tcp-connect';

/** What the shim asks of the process in the pod's network namespace. */
export interface ConnectRequest {
  readonly id: number;
  readonly port: number;
  /** Addresses to try, one after the other. */
  readonly hosts: readonly string[];
  /** For each of them, in milliseconds. */
  readonly timeoutMs: number;
}

/** The answer. With `ok` comes the connected socket, as the message's handle. */
export type ConnectAnswer =
  { readonly id: number; readonly ok: true } | { readonly id: number; readonly ok: false; readonly error: string };

/**
 * The whole of a process that lives in a pod's network namespace: it connects where it is told to, and hands each
 * connected socket back to the shim over the channel between them. A socket belongs to the namespace that it was made
 * in, so it goes on working there; no byte passes through here. The channel's end, which is also the shim's, ends it.
 */
export async function serveNetnsConnections(): Promise<void> {
  process.on('message', (request: ConnectRequest) => {
    connectFirst(request.hosts, request.port, request.timeoutMs).then(
      (socket) => send({ id: request.id, ok: true }, socket),
      (error: unknown) => send({ id: request.id, ok: false, error: messageOf(error) }),
    );
  });
  await new Promise((resolve) => process.once('disconnect', resolve));
}

/** What cannot be sent has no receiver any more. */
function send(answer: ConnectAnswer, socket?: Socket): void {
  if (!process.connected) return;
  process.send?.(answer, socket, {}, () => socket?.destroy());
}
