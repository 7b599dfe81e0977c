import type { Duplex } from 'node:stream';
import { encodeControl, encodeDataHead } from './frame-encoder';
import type { ControlFrame } from './frames';

/** The longest DATA frame that is sent: what Go's client sends, short enough that streams take turns often. */
const MAX_DATA_PAYLOAD = 32 * 1024;

/** What may wait in the socket, in bytes: enough to go to the kernel in few calls. */
const MOST_UNSENT = 128 * 1024;

type Done = (error?: Error) => void;

interface Turn {
  readonly streamId: number;
  readonly done: Done;
  rest: Buffer;
}

/**
 * Writes frames to the socket. Control frames go at once. Streams with data take turns, one frame each, as long as
 * the socket takes them: the socket's backpressure thus reaches each stream's writer, and no stream starves another.
 *
 * INVARIANT: a stream has at most one turn, since a Writable writes one chunk at a time.
 */
export class FrameSender {
  private readonly turns: Turn[] = [];
  private pumping = false;
  private corked = false;

  constructor(private readonly socket: Duplex) {}

  control(frame: ControlFrame): void {
    this.write(encodeControl(frame));
  }

  /** Ends this side of a stream. All its data is with the socket already. */
  fin(streamId: number): void {
    this.write(encodeDataHead(streamId, true, 0));
  }

  /** Calls `done` when the socket has taken all of `payload`. */
  data(streamId: number, payload: Buffer, done: Done): void {
    this.turns.push({ streamId, done, rest: payload });
    this.pump();
  }

  /** To be called when the socket has drained. */
  pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (this.socket.writable && this.socket.writableLength < MOST_UNSENT) {
      const turn = this.turns.shift();
      if (turn === undefined) break;
      this.sendPart(turn);
    }
    this.pumping = false;
  }

  /** Forgets what a stream has not sent yet; its writer hears `error`. */
  drop(streamId: number, error: Error): void {
    const index = this.turns.findIndex((turn) => turn.streamId === streamId);
    const [turn] = index === -1 ? [] : this.turns.splice(index, 1);
    turn?.done(error);
  }

  private sendPart(turn: Turn): void {
    const part = turn.rest.subarray(0, MAX_DATA_PAYLOAD);
    turn.rest = turn.rest.subarray(part.length);
    this.write(encodeDataHead(turn.streamId, false, part.length));
    this.write(part);
    if (turn.rest.length > 0) this.turns.push(turn);
    else turn.done();
  }

  /** What is written in one tick goes to the kernel in one call: many frames are but a few bytes long. */
  private write(bytes: Buffer): void {
    if (!this.socket.writable) return;
    if (!this.corked) {
      this.corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(bytes);
  }
}
