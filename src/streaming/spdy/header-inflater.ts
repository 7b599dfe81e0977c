import { constants, inflateRawSync } from 'node:zlib';
import { messageOf } from '../../lib/errors';
import { HEADER_DICTIONARY, HEADER_DICTIONARY_ID } from './header-dictionary';
import { SpdyProtocolError } from './protocol-error';

/**
 * The most that one block may inflate to, in bytes. Kubernetes' clients send up to four short headers, of some hundred bytes
 * in all; and a block of 16 KiB fits into a control frame as it is (MAX_CONTROL_PAYLOAD).
 */
export const MAX_PLAIN_BLOCK = 16 * 1024;

/** How far deflate looks back. */
const WINDOW = 32 * 1024;

/** CMF and FLG, then the dictionary's id (RFC 1950 §2.2); once per connection and direction. */
const ZLIB_HEAD_LENGTH = 6;
const FDICT = 0x20;
const DEFLATE = 8;

/** A sync flush: an empty stored deflate block, which leaves the stream at a byte boundary. */
const FLUSH_MARK = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * Inflates the header blocks of one direction of a connection, which are all pieces of one zlib stream.
 *
 * node:zlib inflates a stream asynchronously only, and then every frame behind a header block would have to wait for a
 * turn of the thread pool. But each block ends with a sync flush, so the only state between two blocks is the text
 * that later ones may refer back to: it is kept here, and each block is inflated at once with it as the dictionary.
 *
 * INVARIANT: every block of the connection comes here, in order, also those of streams that are refused.
 */
export class HeaderInflater {
  private window: Buffer | undefined;

  /** @throws SpdyProtocolError on a block that is no such piece, or inflates to more than MAX_PLAIN_BLOCK bytes. */
  inflate(block: Buffer): Buffer {
    const window = this.window ?? HEADER_DICTIONARY;
    const deflated = this.window === undefined ? afterZlibHead(block) : block;
    if (!deflated.subarray(-FLUSH_MARK.length).equals(FLUSH_MARK)) {
      throw new SpdyProtocolError('a header block without a sync flush at its end');
    }
    const plain = inflateWith(window, deflated);
    this.window = Buffer.concat([window, plain]).subarray(-WINDOW);
    return plain;
  }
}

function inflateWith(dictionary: Buffer, deflated: Buffer): Buffer {
  try {
    return inflateRawSync(deflated, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_PLAIN_BLOCK,
    });
  } catch (error) {
    throw new SpdyProtocolError(`a header block that cannot be inflated: ${messageOf(error)}`, error);
  }
}

function afterZlibHead(block: Buffer): Buffer {
  if (block.length < ZLIB_HEAD_LENGTH) throw new SpdyProtocolError('a first header block without a zlib head');
  const head = block.readUInt16BE(0);
  const method = (head >> 8) & 0x0f;
  if (method !== DEFLATE || head % 31 !== 0 || (head & FDICT) === 0) {
    throw new SpdyProtocolError('a first header block with a bad zlib head');
  }
  if (block.readUInt32BE(2) !== HEADER_DICTIONARY_ID) {
    throw new SpdyProtocolError("a header block made with another dictionary than SPDY/3's");
  }
  return block.subarray(ZLIB_HEAD_LENGTH);
}
