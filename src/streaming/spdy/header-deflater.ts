import { ShimError } from '../../lib/errors';

/** The first zlib head that a level 9 compressor writes, with the id of SPDY/3's dictionary (RFC 1950 §2.2). */
const ZLIB_HEAD = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);

/**
 * An empty stored block, as a sync flush makes it. Go's inflater needs it at the end of every header block: without it
 * the first one is read and the second never.
 */
const SYNC_FLUSH = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

const MAX_STORED = 0xffff;

/**
 * Writes the header blocks of one direction of a connection as stored deflate blocks (RFC 1951 §3.2.4): valid zlib
 * that needs no compressor, for replies that carry no headers anyway.
 */
export class HeaderDeflater {
  private started = false;

  /** @throws ShimError Internal on more than 65,535 bytes. */
  deflate(plain: Buffer): Buffer {
    if (plain.length > MAX_STORED)
      throw new ShimError('Internal', `a header block of ${plain.length} bytes is too long`);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(~plain.length & 0xffff, 3);
    const block = Buffer.concat([...(this.started ? [] : [ZLIB_HEAD]), stored, plain, SYNC_FLUSH]);
    this.started = true;
    return block;
  }
}
