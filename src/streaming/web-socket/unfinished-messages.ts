import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Log } from '../../lib/log';

/** What all connections together may hold of messages without an end, in bytes: two of the longest. */
const MOST_HELD = 64 * 1024 * 1024;

/** What a connection may hold in any case: a thousand sessions have such a share of it, and Kubernetes' clients send less. */
const SHARE = 64 * 1024;

/** The rest of a client's ping or pong, in bytes: two of header and four of mask (RFC 6455 §5.2, §5.5). */
const PING_OVERHEAD = 6;

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
    const release = (length: number): void => {
      // The end of a message has taken off what had come after it too.
      const counted = Math.min(length, own);
      this.held -= counted;
      own -= counted;
    };
    const releaseAll = (): void => release(own);
    const releasePing = (payload: Buffer): void => release(payload.length + PING_OVERHEAD);
    // Before ws hears of the bytes: of a message that they end nothing is left to count.
    socket.prependListener('data', (bytes: Buffer) => {
      // After a client's close frame ws listens no more: what comes is dropped.
      if (socket.listenerCount('data') === 1) return releaseAll();
      own += bytes.length;
      this.held += bytes.length;
      if (own <= SHARE || this.held <= MOST_HELD) return;
      this.log.warn('a WebSocket was ended: too much is held of unfinished messages', { own, held: this.held });
      webSocket.terminate();
    });
    webSocket.on('message', releaseAll).on('ping', releasePing).on('pong', releasePing);
    socket.once('close', releaseAll);
  }
}
