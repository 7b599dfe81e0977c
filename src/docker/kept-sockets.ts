import { Agent, type ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A list or inspect on a busy node comes from the kubelet's few workers; more idle connections than this bring
 * nothing.
 */
const IDLE_CONNECTIONS = 8;

/**
 * The connections to the engine that stay open for the next request, and what their ends tell.
 * An engine can only be replaced by another when every connection to it has ended, and it never ends an idle one while
 * it lives. So `onReplaced` is called when the engine ended a connection, and when the last one is closed by either
 * side.
 */
export class KeptSockets {
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  private readonly open = new Set<Socket>();
  private isClosed = false;

  constructor(private readonly onReplaced: () => void) {}

  /** For the options of a request that shall use these connections; `watch` it then. */
  get pool(): Agent {
    return this.agent;
  }

  watch(outgoing: ClientRequest): void {
    outgoing.once('socket', (socket) => {
      if (this.open.has(socket)) return;
      this.open.add(socket);
      socket.once('end', this.onReplaced);
      socket.once('close', () => {
        this.open.delete(socket);
        if (this.open.size === 0) this.onReplaced();
      });
    });
  }

  /** Whether it was the shim that closed them. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Closes them all; what is under way on them fails. */
  close(): void {
    this.isClosed = true;
    this.agent.destroy();
  }
}
