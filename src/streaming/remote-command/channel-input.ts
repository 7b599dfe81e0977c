import { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { HEARTBEAT_MS } from '../web-socket/valve';

/** What may wait for the command to read it, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/** What a message costs besides its bytes, so that many tiny ones cannot take more memory than they count. */
const MESSAGE_COST = 512;

/**
 * Go's client also gives up when a write makes no progress for a minute. So a little is read now and then, up to a limit,
 * which keeps it content for some four minutes. It must be enough for the client's kernel to take the next write: a third
 * of its largest send buffer, which is 4 MiB.
 */
const SIP_EVERY_BEATS = 5;
const SIP = 2 * 1024 * 1024;
const MOST_SIPPED = 18 * 1024 * 1024;

/**
 * What comes on the channel for standard input. While the command does not read, neither is the connection read, so that
 * TCP slows the client down. The client's pings aren't seen then; it gets pongs of our own accord instead (RFC 6455
 * §5.5.3), and the writing notices if it has gone.
 */
export class ChannelInput extends Readable {
  private readonly inbox: Buffer[] = [];
  private held = 0;
  private wanted = false;
  private complete = false;
  private heartbeat: NodeJS.Timeout | undefined;
  private beats = 0;
  private limit = MOST_WAITING;

  constructor(private readonly socket: WebSocket) {
    // The inbox is the only buffer, as it is the one that is counted.
    super({ highWaterMark: 1 });
  }

  /** Takes what has arrived. Nothing is expected after the end, so it is dropped. */
  receive(bytes: Buffer): void {
    if (this.complete || this.destroyed || bytes.length === 0) return;
    if (this.wanted) return this.offer(bytes);
    this.inbox.push(bytes);
    this.held += bytes.length + MESSAGE_COST;
    if (this.held >= this.limit) this.hold();
  }

  /** The client has said all. */
  end(): void {
    this.complete = true;
    if (this.inbox.length === 0) this.push(null);
  }

  override _read(): void {
    this.wanted = true;
    while (this.wanted) {
      const bytes = this.inbox.shift();
      if (bytes === undefined) break;
      this.held -= bytes.length + MESSAGE_COST;
      this.offer(bytes);
      if (this.complete && this.inbox.length === 0) this.push(null);
    }
    if (this.held < MOST_WAITING) this.release();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inbox.length = 0;
    this.release();
    done(error);
  }

  /** Hands bytes to the reader, who may ask for more meanwhile. */
  private offer(bytes: Buffer): void {
    this.wanted = false;
    if (this.push(bytes)) this.wanted = true;
  }

  private hold(): void {
    this.socket.pause();
    this.heartbeat ??= setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  private beat(): void {
    this.socket.pong(Buffer.alloc(0), false, () => undefined);
    this.beats += 1;
    if (this.beats % SIP_EVERY_BEATS !== 0 || this.limit >= MOST_SIPPED) return;
    this.limit += SIP;
    this.socket.resume();
  }

  private release(): void {
    if (this.heartbeat === undefined) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
    this.beats = 0;
    this.limit = MOST_WAITING;
    this.socket.resume();
  }
}
