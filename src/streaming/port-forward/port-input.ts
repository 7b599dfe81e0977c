import { Readable } from 'node:stream';
import type { WebSocketValve } from '../web-socket/valve';

/** What may wait to be read, in bytes, before the connection is not read any more. */
const MOST_WAITING = 1024 * 1024;

/** What a client sends to one port. While nobody reads it, neither is the connection read. */
export class PortInput extends Readable {
  constructor(private readonly valve: WebSocketValve) {
    super({ highWaterMark: MOST_WAITING });
  }

  receive(bytes: Buffer): void {
    if (this.destroyed || bytes.length === 0) return;
    if (!this.push(bytes)) this.valve.hold(this);
  }

  override _read(): void {
    this.valve.release(this);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.valve.release(this);
    done(error);
  }
}
