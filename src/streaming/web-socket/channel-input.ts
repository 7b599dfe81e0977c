import { Readable } from 'node:stream';
import type { WebSocketValve } from './valve';

/** What may wait to be read, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/** What comes on one channel. While nobody reads it, neither is the connection read. */
export class ChannelInput extends Readable {
  private complete = false;

  constructor(private readonly valve: WebSocketValve) {
    super({ highWaterMark: MOST_WAITING });
  }

  /** Takes what has come. After the end there is none to be expected, so it is dropped. */
  receive(bytes: Buffer): void {
    if (this.complete || this.destroyed || bytes.length === 0) return;
    if (!this.push(bytes)) this.valve.hold(this);
  }

  /** The client has said all. */
  end(): void {
    this.complete = true;
    this.push(null);
  }

  override _read(): void {
    this.valve.release(this);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.valve.release(this);
    done(error);
  }
}
