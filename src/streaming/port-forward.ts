import type { Socket } from 'node:net';
import type { CallContext } from '../lib/call-context';

export interface PortForwardSession {
  readonly kind: 'portforward';
  readonly sandboxId: string;
  /** Only old WebSocket clients have their ports here; the others name one with each stream. */
  readonly ports: readonly number[];
}

/**
 * Connects to a port of a pod, as from inside the pod: 127.0.0.1, then ::1, then the pod's address. The socket is
 * allowed to be half-open.
 * @throws ShimError with a sentence for the client.
 */
export type DialPod = (sandboxId: string, port: number, ctx: CallContext) => Promise<Socket>;
