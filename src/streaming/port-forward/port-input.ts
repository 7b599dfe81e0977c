import { Readable } from 'node:stream';
import { Inbox } from '../inbox';
import type { WebSocketValve } from '../web-socket/valve';

/** What may wait to be read, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/** What a client sends to one port. While nobody reads it, neither is the connection read. */
export class PortInput extends Readable {
  private readonly inbox = new Inbox(this, () => this.weigh());

  constructor(private readonly valve: WebSocketValve) {
    super({ highWaterMark: 1 });
  }

  receive(bytes: Buffer): void {
    if (this.destroyed || bytes.length === 0) return;
    this.inbox.receive(bytes);
  }

  override _read(): void {
    this.inbox.read();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inbox.clear();
    done(error);
  }

  private weigh(): void {
    if (this.inbox.held >= MOST_WAITING) this.valve.hold(this);
    else this.valve.release(this);
  }
}
