import { rewriteAuthority } from './hpack-authority';
import { FrameType, frameAt, headerBlockAt, PREFACE, type HeaderBlock } from './http2-frames';

/** Rewrites `:authority` in the frames of one header block, in place. Returns whether there was something to rewrite. */
export function rewriteHeaderBlock({ fragments }: HeaderBlock): boolean {
  const block = Buffer.concat(fragments);
  if (!rewriteAuthority(block)) return false;
  let offset = 0;
  for (const fragment of fragments) offset += block.copy(fragment, 0, offset, offset + fragment.length);
  return true;
}

/**
 * The bytes of one HTTP/2 client, from its preface on, with each `:authority` rewritten.
 * INVARIANT: what is held begins a frame and is a part of a frame head or of one header block, so it's bounded by
 * headerBlockAt; all other bytes are passed on as they come.
 */
export class AuthorityRewriter {
  private held: Buffer = Buffer.alloc(0);
  /** How many of the bytes to come belong to what is being passed on. */
  private passing = PREFACE.length;

  /**
   * Takes what came and gives what may go on. It rewrites in place: the chunk is no longer the caller's.
   * @throws ShimError ResourceExhausted when a header block is too large to hold.
   */
  push(chunk: Buffer): Buffer {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    let offset = Math.min(this.passing, bytes.length);
    this.passing -= offset;
    while (offset < bytes.length) {
      const end = this.readyUntil(bytes, offset);
      if (end === undefined) break;
      offset = Math.min(end, bytes.length);
      this.passing = end - offset;
    }
    this.held = bytes.subarray(offset);
    return bytes.subarray(0, offset);
  }

  /** Where the frame or header block at `offset` ends, when it may go on. */
  private readyUntil(bytes: Buffer, offset: number): number | undefined {
    const frame = frameAt(bytes, offset);
    if (frame?.type !== FrameType.Headers) return frame?.end;
    const block = headerBlockAt(bytes, offset);
    if (block !== undefined) rewriteHeaderBlock(block);
    return block?.end;
  }
}
