import { ShimError } from '../../lib/errors';

/** What every HTTP/2 client sends first; RFC 9113 §3.4. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** A SETTINGS frame that sets nothing: the least that a server may greet with. */
export const EMPTY_SETTINGS = Buffer.from('000000040000000000', 'hex');

export const FrameType = { Headers: 0x1, Settings: 0x4, Ping: 0x6, Continuation: 0x9 } as const;

export const FrameFlag = { Ack: 0x1, EndHeaders: 0x4, Padded: 0x8, Priority: 0x20 } as const;

/** The most that is held of one HEADERS frame and its CONTINUATIONs. CRI's are some hundred bytes. */
const MAX_HEADER_FRAMES_BYTES = 64 * 1024;

const HEAD_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Where the payload begins and where the frame ends in the bytes it was found in, which may end before. */
  readonly payload: number;
  readonly end: number;
}

/** The frame whose head begins at `offset`; undefined while the head isn't all there. */
export function frameAt(bytes: Buffer, offset: number): Frame | undefined {
  const payload = offset + HEAD_BYTES;
  if (bytes.length < payload) return undefined;
  return {
    type: bytes.readUInt8(offset + 3),
    flags: bytes.readUInt8(offset + 4),
    stream: bytes.readUInt32BE(offset + 5) & 0x7fffffff,
    payload,
    end: payload + bytes.readUIntBE(offset, 3),
  };
}

export interface HeaderBlock {
  /** Views of the block's parts, one a frame, without padding and priority. */
  readonly fragments: readonly Buffer[];
  /** Where the last of its frames ends. */
  readonly end: number;
}

/**
 * The header block of the HEADERS frame at `offset`, its CONTINUATION frames included; undefined while it isn't all
 * there. A block that is interrupted by another frame, a connection error, ends before that frame.
 * @throws ShimError ResourceExhausted when it takes more than 64 KiB.
 */
export function headerBlockAt(bytes: Buffer, offset: number): HeaderBlock | undefined {
  const fragments: Buffer[] = [];
  let frame = frameAt(bytes, offset);
  const stream = frame?.stream;
  for (;;) {
    if (frame === undefined) return undefined;
    if (frame.end - offset > MAX_HEADER_FRAMES_BYTES) {
      throw new ShimError('ResourceExhausted', 'the client sent more than 64 KiB of headers for one call');
    }
    if (bytes.length < frame.end) return undefined;
    fragments.push(fragmentOf(bytes, frame));
    if (frame.flags & FrameFlag.EndHeaders) return { fragments, end: frame.end };
    const next = frameAt(bytes, frame.end);
    if (next !== undefined && (next.type !== FrameType.Continuation || next.stream !== stream)) {
      return { fragments, end: frame.end };
    }
    frame = next;
  }
}

function fragmentOf(bytes: Buffer, frame: Frame): Buffer {
  let { payload: start, end } = frame;
  if (frame.type === FrameType.Headers) {
    if (frame.flags & FrameFlag.Padded) {
      end -= bytes[start] ?? 0;
      start += 1;
    }
    if (frame.flags & FrameFlag.Priority) start += 5;
  }
  return bytes.subarray(start, Math.max(start, end));
}
