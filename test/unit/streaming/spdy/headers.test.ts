import { createHash } from 'node:crypto';
import { constants, createDeflate, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeHeaders, encodeHeaders, MAX_HEADERS } from '../../../../src/streaming/spdy/header-block';
import { HeaderDeflater } from '../../../../src/streaming/spdy/header-deflater';
import { HEADER_DICTIONARY, HEADER_DICTIONARY_ID } from '../../../../src/streaming/spdy/header-dictionary';
import { HeaderInflater, MAX_PLAIN_BLOCK } from '../../../../src/streaming/spdy/header-inflater';
import { SpdyProtocolError } from '../../../../src/streaming/spdy/protocol-error';
import { bytes } from './frames-arbitrary';

const FLUSH_MARK = Buffer.from('0000ffff', 'hex');

/** An independent compressor: zlib's own, as clients use it. */
async function compressed(blocks: readonly Buffer[], level = 9): Promise<Buffer[]> {
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY, level });
  const result: Buffer[] = [];
  for (const block of blocks) {
    const parts: Buffer[] = [];
    const collect = (part: Buffer): number => parts.push(part);
    deflate.on('data', collect);
    deflate.write(block);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    deflate.off('data', collect);
    result.push(Buffer.concat(parts));
  }
  deflate.close();
  return result;
}

const field = fc.string({ unit: fc.constantFrom(...'abcdefghij-:0123456789'), minLength: 1, maxLength: 30 });
const value = bytes(40).map((raw) => raw.toString('latin1'));
const anyHeaders = fc.array(fc.tuple(field, value), { maxLength: 20 }).map((pairs) => new Map(pairs));

describe('the header dictionary', () => {
  it('is that of SPDY/3 bit by bit', () => {
    expect(HEADER_DICTIONARY).toHaveLength(1423);
    expect(createHash('sha256').update(HEADER_DICTIONARY).digest('hex')).toBe(
      '51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02',
    );
  });

  it('has the id that zlib gives it', async () => {
    const [first] = await compressed([Buffer.from('x')]);
    expect(first?.readUInt32BE(2)).toBe(HEADER_DICTIONARY_ID);
  });
});

describe('header blocks', () => {
  it('come out as they went in', () => {
    fc.assert(fc.property(anyHeaders, (headers) => expect(decodeHeaders(encodeHeaders(headers))).toEqual(headers)));
  });

  it.each([
    ['an empty block', ''],
    ['a count without headers', '00000001'],
    ['a length beyond the end', '00000001 00000005 61'],
    ['a huge length', '00000001 ffffffff 61'],
    ['too many headers', (MAX_HEADERS + 1).toString(16).padStart(8, '0')],
    ['an empty name', '00000001 00000000 00000000'],
    ['a name in upper case', '00000001 00000001 41 00000000'],
    ['a name that comes twice', '00000002 00000001 61 00000000 00000001 61 00000000'],
    ['bytes after the last header', '00000000 00'],
  ])('are refused: %s', (_what, plain) => {
    expect(() => decodeHeaders(Buffer.from(plain.replaceAll(' ', ''), 'hex'))).toThrow(SpdyProtocolError);
  });
});

describe('header compression', () => {
  it('writes an empty reply as Go reads it, and each block with a sync flush', () => {
    const deflater = new HeaderDeflater();
    const empty = encodeHeaders(new Map());
    expect(deflater.deflate(empty).toString('hex')).toBe('78bbe3c6a7c2' + '000400fbff00000000' + '000000ffff');
    expect(deflater.deflate(empty).toString('hex')).toBe('000400fbff00000000' + '000000ffff');
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.array(anyHeaders, { maxLength: 20 }), (blocks) => {
        const deflater = new HeaderDeflater();
        const inflater = new HeaderInflater();
        for (const headers of blocks) {
          expect(decodeHeaders(inflater.inflate(deflater.deflate(encodeHeaders(headers))))).toEqual(headers);
        }
      }),
    );
  });

  it('reads what zlib writes, also when blocks refer back over the whole window', async () => {
    const blocks = Array.from({ length: 150 }, (_, index) =>
      encodeHeaders(
        new Map([
          ['streamtype', 'data'],
          ['requestid', `${index}`],
          ['pad', `${index % 7}`.repeat(300)],
        ]),
      ),
    );
    for (const level of [0, 9]) {
      const inflater = new HeaderInflater();
      const plain = (await compressed(blocks, level)).map((block) => inflater.inflate(block));
      expect(plain).toEqual(blocks);
    }
  });

  it('inflates no more than its bound', () => {
    const head = Buffer.from('78bbe3c6a7c2', 'hex');
    const bomb = deflateRawSync(Buffer.alloc(64 * MAX_PLAIN_BLOCK), { finishFlush: constants.Z_SYNC_FLUSH });
    expect(bomb.subarray(-4)).toEqual(FLUSH_MARK);
    expect(() => new HeaderInflater().inflate(Buffer.concat([head, bomb]))).toThrow(SpdyProtocolError);
    const most = deflateRawSync(Buffer.alloc(MAX_PLAIN_BLOCK), { finishFlush: constants.Z_SYNC_FLUSH });
    expect(new HeaderInflater().inflate(Buffer.concat([head, most]))).toHaveLength(MAX_PLAIN_BLOCK);
  });

  it('inflates no short block to what takes long to read', () => {
    const head = Buffer.from('78bbe3c6a7c2', 'hex');
    const block = deflateRawSync(Buffer.alloc(64 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
    expect(block.length).toBeLessThan(100);
    expect(() => new HeaderInflater().inflate(Buffer.concat([head, block]))).toThrow(SpdyProtocolError);
  });

  it.each([
    ['no zlib head', '78bb'],
    ['another method', '79bbe3c6a7c2000000ffff'],
    ['no dictionary', '789c000000ffff'],
    ["SPDY/2's dictionary", '78bb3c1ca1b4000000ffff'],
    ['no sync flush', '78bbe3c6a7c2000400fbff00000000'],
    ['a broken deflate block', '78bbe3c6a7c2ff0000ffff'],
  ])('refuses a first block with %s', (_what, block) => {
    expect(() => new HeaderInflater().inflate(Buffer.from(block, 'hex'))).toThrow(SpdyProtocolError);
  });

  it('makes no other error than the protocol error from arbitrary bytes', () => {
    const head = Buffer.from('78bbe3c6a7c2', 'hex');
    fc.assert(
      fc.property(bytes(300), fc.boolean(), (garbage, framed) => {
        const block = framed ? Buffer.concat([head, garbage, FLUSH_MARK]) : garbage;
        try {
          decodeHeaders(new HeaderInflater().inflate(block));
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyProtocolError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
