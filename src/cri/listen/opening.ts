import { ShimError } from '../../lib/errors';
import { rewriteHeaderBlock } from './authority-rewriter';
import { FrameFlag, FrameType, frameAt, headerBlockAt, PREFACE, type HeaderBlock } from './http2-frames';

/** What the beginning of a connection tells about the client. */
export interface Opening {
  /** Whether its first request names the raw socket path, or may yet. */
  readonly needsFilter: boolean;
  /** What was read, without the acknowledgement of our greeting. */
  readonly bytes: Buffer;
}

/**
 * Reads the beginning of a connection that was greeted with an empty SETTINGS frame, `bytes` being all that came so far.
 * It is complete when both the first header block and the greeting's acknowledgement are there, in either order; the
 * latter must not reach the HTTP/2 implementation, which knows nothing of that greeting. A client that sends PING before
 * its first request waits for an answer to it, so it gets the filter unseen.
 * @returns undefined while more is needed.
 * @throws ShimError InvalidArgument when the client doesn't speak HTTP/2; ResourceExhausted as headerBlockAt.
 */
export function readOpening(bytes: Buffer): Opening | undefined {
  const preface = bytes.subarray(0, PREFACE.length);
  if (!preface.equals(PREFACE.subarray(0, preface.length))) {
    throw new ShimError('InvalidArgument', 'the client does not speak HTTP/2');
  }
  let acknowledgement: { offset: number; end: number } | undefined;
  let pinged = false;
  let first: HeaderBlock | undefined;
  let offset = PREFACE.length;
  while (acknowledgement === undefined || (!pinged && first === undefined)) {
    const frame = frameAt(bytes, offset);
    if (frame === undefined) return undefined;
    let { end } = frame;
    if (frame.type === FrameType.Settings && frame.flags & FrameFlag.Ack) {
      acknowledgement ??= { offset, end };
    } else if (frame.type === FrameType.Ping) {
      pinged ||= first === undefined;
    } else if (frame.type === FrameType.Headers) {
      const block = headerBlockAt(bytes, offset);
      if (block === undefined) return undefined;
      if (!pinged) first ??= block;
      end = block.end;
    }
    offset = end;
  }
  return {
    // Only now, for it changes the bytes in place: those of an opening that is not complete are read again.
    needsFilter: first === undefined || rewriteHeaderBlock(first),
    bytes: Buffer.concat([bytes.subarray(0, acknowledgement.offset), bytes.subarray(acknowledgement.end)]),
  };
}
