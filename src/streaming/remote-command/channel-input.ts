import { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { Inbox } from '../inbox';
import { WebSocketValve } from '../web-socket/valve';

/** What may wait for the command to read it, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/**
 * Go's client also gives up when a write makes no progress for a minute. So a little is read now and then, up to a limit,
 * which keeps it content for some four minutes. It must be enough for the client's kernel to take the next write: a third
 * of its largest send buffer, which is 4 MiB.
 */
const SIP_EVERY_BEATS = 5;
const SIP = 2 * 1024 * 1024;
const MOST_SIPPED = 18 * 1024 * 1024;

/** What comes on the channel for standard input. While the command does not read, neither is the connection read. */
export class ChannelInput extends Readable {
  private readonly inbox = new Inbox(this, () => this.weigh());
  private readonly valve: WebSocketValve;
  private complete = false;
  private beats = 0;
  private limit = MOST_WAITING;

  constructor(socket: WebSocket) {
    super({ highWaterMark: 1 });
    this.valve = new WebSocketValve(socket, () => this.beat());
  }

  /** Takes what has arrived. Nothing is expected after the end, so it is dropped. */
  receive(bytes: Buffer): void {
    if (this.complete || this.destroyed || bytes.length === 0) return;
    this.inbox.receive(bytes);
  }

  /** The client has said all. */
  end(): void {
    this.complete = true;
    this.inbox.end();
  }

  override _read(): void {
    this.inbox.read();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inbox.clear();
    done(error);
  }

  private weigh(): void {
    const { held } = this.inbox;
    if (held >= this.limit) this.valve.hold(this);
    if (held >= MOST_WAITING) return;
    this.valve.release(this);
    this.beats = 0;
    this.limit = MOST_WAITING;
  }

  private beat(): void {
    this.beats += 1;
    if (this.beats % SIP_EVERY_BEATS !== 0 || this.limit >= MOST_SIPPED) return;
    this.limit += SIP;
    this.valve.sip();
  }
}
