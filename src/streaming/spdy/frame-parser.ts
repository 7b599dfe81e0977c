import { decodeControl, decodeHead, type Head } from './frame-decoder';
import { type Frame, HEAD_LENGTH } from './frames';

/** How fast is read. */
export interface Pace {
  /** To be called for each frame, also those that are ignored, when its head has come. */
  receivedFrame(kind: Head['kind']): void;
  /** Whether what has come and is not dealt with is to wait. */
  readonly resting: boolean;
}

/**
 * Cuts a byte stream into frames, whatever its chunks are. A DATA frame is handed on as its bytes arrive, as one frame
 * per part (a view on the chunk, never a copy) with FIN on the last: to a stream that is the same thing. A control
 * frame is collected first, so the parser holds at most one of those.
 */
export class FrameParser {
  private readonly head = Buffer.alloc(HEAD_LENGTH);
  private filled = 0;
  private current: Head | undefined;
  /** Payload bytes of `current` that have not arrived. */
  private left = 0;
  /** Where the payload of a control frame is collected. */
  private payload = Buffer.alloc(0);

  /** @param pace undefined: all is read at once. */
  constructor(
    private readonly deliver: (frame: Frame) => void,
    private readonly pace?: Pace,
  ) {}

  /**
   * Answers how many bytes it took; the others are to be pushed again.
   * @throws SpdyProtocolError; the two sides have then lost step, and the parser must not be used again.
   */
  push(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.pace?.resting !== true) {
      at += this.current === undefined ? this.takeHead(chunk, at) : this.takePayload(this.current, chunk.subarray(at));
    }
    return at;
  }

  private takeHead(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.head, this.filled, at);
    this.filled += taken;
    if (this.filled === HEAD_LENGTH) this.start(decodeHead(this.head));
    return taken;
  }

  private start(head: Head): void {
    this.filled = 0;
    this.current = head;
    this.left = head.length;
    this.pace?.receivedFrame(head.kind);
    if (head.kind === 'control') this.payload = Buffer.allocUnsafe(head.length);
    if (head.length === 0) this.takePayload(head, Buffer.alloc(0));
  }

  private takePayload(head: Head, arrived: Buffer): number {
    const part = arrived.subarray(0, this.left);
    if (head.kind === 'control') part.copy(this.payload, head.length - this.left);
    this.left -= part.length;
    const complete = this.left === 0;
    if (complete) this.current = undefined;
    if (head.kind === 'data') {
      this.deliver({ type: 'DATA', streamId: head.streamId, fin: head.fin && complete, payload: part });
    } else if (complete) {
      const frame = decodeControl(head.type, head.flags, this.payload);
      if (frame !== undefined) this.deliver(frame);
    }
    return part.length;
  }
}
