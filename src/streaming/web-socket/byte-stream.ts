import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { CloseCode } from './open';
import { WebSocketValve } from './valve';

/**
 * The bytes in a WebSocket's messages, wherever those begin and end, as the protocol inside sees them. The client's
 * leaving destroys it: there is no half of a WebSocket.
 */
export class WebSocketByteStream extends Duplex {
  private readonly valve: WebSocketValve;

  private constructor(private readonly socket: WebSocket) {
    super({ highWaterMark: 64 * 1024 });
    this.valve = new WebSocketValve(socket);
  }

  static over(socket: WebSocket): WebSocketByteStream {
    const stream = new WebSocketByteStream(socket);
    socket.on('message', (message: RawData) => stream.receive(message as Buffer));
    socket.on('error', (error) => stream.destroy(error));
    socket.on('close', () => stream.destroy());
    return stream;
  }

  override _read(): void {
    this.valve.release(this);
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.send(bytes, done);
  }

  /** What was written in one go is one message. */
  override _writev(parts: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.send(Buffer.concat(parts.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.close(CloseCode.normal);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.valve.release(this);
    this.socket.terminate();
    done(error);
  }

  private receive(message: Buffer): void {
    if (message.length > 0 && !this.push(message)) this.valve.hold(this);
  }
}
