import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Log } from '../../lib/log';

/** What all connections together may hold of messages without an end, in bytes: two of the longest. */
const MOST_HELD = 64 * 1024 * 1024;

/** What a connection may hold in any case: a thousand sessions have such a share of it, and Kubernetes' clients send less. */
const SHARE = 64 * 1024;

/**
 * Counts what ws collects of messages whose end has not come yet. No session's own bound knows of it, and Go's line for
 * the length of one is too high for a thousand at the same time. It can't be drawn lower: Python's client sends a file
 * that is copied into a pod as one message.
 */
export class UnfinishedMessages {
  private held = 0;

  constructor(private readonly log: Log) {}

  /** Ends the connection when it wants more of a message than there is room for. To be called before any is read. */
  watch(socket: Socket, webSocket: WebSocket): void {
    let own = 0;
    const release = (): void => {
      this.held -= own;
      own = 0;
    };
    // Before ws hears of the bytes: of a message that they end nothing is left to count.
    socket.prependListener('data', (bytes: Buffer) => {
      own += bytes.length;
      this.held += bytes.length;
      if (own <= SHARE || this.held <= MOST_HELD) return;
      this.log.warn('a WebSocket was ended: too much is held of unfinished messages', { own, held: this.held });
      webSocket.terminate();
    });
    webSocket.on('message', release);
    socket.once('close', release);
  }
}
