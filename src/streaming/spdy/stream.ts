import { Duplex } from 'node:stream';
import { ShimError } from '../../lib/errors';
import { Inbox } from '../inbox';
import { ResetStatus } from './frames';
import type { Headers } from './header-block';

/** What a stream needs of its connection. */
export interface StreamLink {
  reply(streamId: number): void;
  /** Calls `done` when the socket has taken the bytes. */
  send(streamId: number, bytes: Buffer, done: (error?: Error) => void): void;
  fin(streamId: number): void;
  reset(streamId: number, status: ResetStatus): void;
  /** The stream holds this many bytes more for its reader; negative: fewer. */
  hold(streamId: number, bytes: number): void;
  /** The stream has ended and freed what it held. */
  gone(streamId: number): void;
}

/** One read of the kernel's, 64 KiB, is just not enough for a writer to be told to wait. */
const WRITE_AHEAD = 64 * 1024 + 1;

/**
 * One stream that the peer opened. `end()` closes this side (FIN), `destroy()` and `reset()` both. When the peer
 * resets it or its connection ends, it is destroyed without an 'error' event: readers see 'close' without 'end'.
 *
 * It leaves its connection when both sides have ended and everything has been read, so a stream that nobody wants to
 * read needs `resume()`. What arrives before there is a reader is kept.
 */
export class SpdyStream extends Duplex {
  private readonly inbox: Inbox;
  private replied = false;
  private sentFin = false;
  private receivedFin = false;
  private severed = false;
  private resetStatus: ResetStatus = ResetStatus.cancel;

  constructor(
    readonly id: number,
    readonly headers: Headers,
    private readonly link: StreamLink,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1, writableHighWaterMark: WRITE_AHEAD });
    this.inbox = new Inbox(this, (bytes) => link.hold(id, bytes));
  }

  /** Accepts the stream. The first write or `end()` does it too: nothing may go to the peer before the reply. */
  reply(): void {
    if (this.replied || this.destroyed) return;
    this.replied = true;
    this.link.reply(this.id);
  }

  /** Refuses the stream, or breaks it off in both directions at once. */
  reset(status: ResetStatus = ResetStatus.cancel): void {
    this.resetStatus = status;
    this.destroy();
  }

  /** For the connection: the peer has reset the stream, or is gone. */
  sever(): void {
    this.severed = true;
    this.destroy();
  }

  /** For the connection: a part of the peer's data. Nothing is expected after its FIN, so it is dropped. */
  receive(part: Buffer, fin: boolean): void {
    if (this.receivedFin || this.destroyed) return;
    this.receivedFin = fin;
    if (part.length > 0) this.inbox.receive(ownOf(part));
    if (fin) this.inbox.end();
  }

  override _read(): void {
    this.inbox.read();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.reply();
    this.link.send(this.id, bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.reply();
    this.sentFin = true;
    this.link.fin(this.id);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inbox.clear();
    const over = this.severed || (this.sentFin && this.receivedFin);
    if (!over) this.link.reset(this.id, this.resetStatus);
    this.link.gone(this.id);
    done(error);
  }
}

/** A copy of a part that is small beside its chunk: by itself it would keep the whole chunk in memory. */
function ownOf(part: Buffer): Buffer {
  if (part.length * 4 >= part.buffer.byteLength) return part;
  const copy = Buffer.allocUnsafeSlow(part.length);
  part.copy(copy);
  return copy;
}

/** What a writer hears whose stream ended before its bytes were sent. */
export function streamEnded(streamId: number): ShimError {
  return new ShimError('Cancelled', `SPDY stream ${streamId} ended before all of its data was sent`);
}
