import { Readable } from 'node:stream';
import type { WebSocket } from 'ws';

/** What may wait for the command to read it, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/** Clients give up a minute after they last heard a pong, and send pings every five seconds. */
const HEARTBEAT_MS = 5_000;

/**
 * What comes on the channel for standard input. While the command does not read, neither is the connection read, so that
 * TCP slows the client down. The client's pings aren't seen then; it gets pongs of our own accord instead (RFC 6455
 * §5.5.3), and the writing notices if it has gone.
 */
export class ChannelInput extends Readable {
  private heartbeat: NodeJS.Timeout | undefined;
  private complete = false;

  constructor(private readonly socket: WebSocket) {
    super({ highWaterMark: MOST_WAITING });
  }

  /** Takes what has come. After the end there is none to be expected, so it is dropped. */
  receive(bytes: Buffer): void {
    if (this.complete || this.destroyed || bytes.length === 0) return;
    if (!this.push(bytes)) this.hold();
  }

  /** The client has said all. */
  end(): void {
    this.complete = true;
    this.push(null);
  }

  override _read(): void {
    this.release();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.release();
    done(error);
  }

  private hold(): void {
    if (this.heartbeat !== undefined) return;
    this.socket.pause();
    this.heartbeat = setInterval(() => this.socket.pong(Buffer.alloc(0), false, () => undefined), HEARTBEAT_MS);
  }

  private release(): void {
    if (this.heartbeat === undefined) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
    this.socket.resume();
  }
}
