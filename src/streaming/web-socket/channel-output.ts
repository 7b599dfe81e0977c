import { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { encodeMessage, type ChannelForm } from './channel-message';

/** One channel to the client. A write is done when the kernel has taken it: that is the backpressure. */
export class ChannelOutput extends Writable {
  constructor(
    private readonly socket: WebSocket,
    private readonly form: ChannelForm,
    private readonly channel: number,
    private readonly onData: () => void,
  ) {
    super({ highWaterMark: 64 * 1024 });
    // The connection itself tells that the client is gone.
    this.on('error', () => undefined);
  }

  override _write(payload: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.onData();
    const message = encodeMessage(this.form, { channel: this.channel, payload });
    this.socket.send(message, { binary: !this.form.base64 }, done);
  }
}
