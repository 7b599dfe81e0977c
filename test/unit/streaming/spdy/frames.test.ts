import fc from 'fast-check';
import { FrameParser } from '../../../../src/streaming/spdy/frame-parser';
import { encodeControl, encodeDataHead } from '../../../../src/streaming/spdy/frame-encoder';
import { type Frame, MAX_CONTROL_PAYLOAD } from '../../../../src/streaming/spdy/frames';
import { SpdyProtocolError } from '../../../../src/streaming/spdy/protocol-error';
import { anyFrame, bytes, encode, inPieces, pieceLengths } from './frames-arbitrary';

function parse(pieces: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const parser = new FrameParser((frame) => frames.push(frame));
  for (const piece of pieces) parser.push(piece);
  return frames;
}

/** A DATA frame arrives as one or more: puts the parts of each together again. */
function joined(frames: readonly Frame[], sent: readonly Frame[]): Frame[] {
  const parts = [...frames];
  return sent.map((whole) => {
    const first = parts.shift();
    if (first?.type !== 'DATA' || whole.type !== 'DATA') return first as Frame;
    let all = first;
    while (all.payload.length < whole.payload.length) {
      const next = parts.shift() as typeof first;
      expect([all.fin, next.streamId]).toEqual([false, first.streamId]);
      all = { ...next, payload: Buffer.concat([all.payload, next.payload]) };
    }
    return all;
  });
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('SPDY frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), pieceLengths, (frames, lengths) => {
        const wire = Buffer.concat(frames.map(encode));
        expect(joined(parse(inPieces(wire, lengths)), frames)).toEqual(frames);
      }),
    );
  });

  it('make no other error than the protocol error from arbitrary bytes', () => {
    fc.assert(
      fc.property(bytes(600), pieceLengths, (garbage, lengths) => {
        try {
          parse(inPieces(garbage, lengths));
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('have the layout of the draft', () => {
    expect(encodeControl({ type: 'PING', id: 1 })).toEqual(hex('8003 0006 00 000004 00000001'));
    expect(encodeControl({ type: 'RST_STREAM', streamId: 5, status: 5 })).toEqual(
      hex('8003 0003 00 000008 00000005 00000005'),
    );
    expect(encodeControl({ type: 'GOAWAY', lastGoodStreamId: 7, status: 1 })).toEqual(
      hex('8003 0007 00 000008 00000007 00000001'),
    );
    expect(encodeControl({ type: 'SYN_REPLY', streamId: 3, fin: true, block: hex('abcd') })).toEqual(
      hex('8003 0002 01 000006 00000003 abcd'),
    );
    expect(encodeDataHead(9, true, 0x010203)).toEqual(hex('00000009 01 010203'));
  });

  it('hands on the parts of a DATA frame as they arrive, as views on the chunk', () => {
    const chunk = Buffer.concat([encodeDataHead(1, true, 10), Buffer.from('four')]);
    const [part] = parse([chunk]);
    expect(part).toEqual({ type: 'DATA', streamId: 1, fin: false, payload: Buffer.from('four') });
    if (part?.type !== 'DATA') throw new Error('no part');
    chunk.write('FOUR', 8);
    expect(part.payload.toString()).toBe('FOUR');
  });

  it('ignores a control frame of a type that it does not know', () => {
    const frames = parse([
      hex('8003 00ff 00 000003 010203 8003 0005 00 000000'),
      encodeControl({ type: 'PING', id: 3 }),
    ]);
    expect(frames).toEqual([{ type: 'PING', id: 3 }]);
  });

  it.each([
    [
      'a control frame longer than the bound',
      `8003 0001 00 ${(MAX_CONTROL_PAYLOAD + 1).toString(16).padStart(6, '0')}`,
    ],
    ['version 2', '8002 0006 00 000004 00000001'],
    ['data for stream 0', '00000000 00 000001 61'],
    ['a SYN_STREAM for stream 0', '8003 0001 00 00000a 00000000 00000000 0000'],
    ['a short SYN_STREAM', '8003 0001 00 000009 00000001 00000000 00'],
    ['a long PING', '8003 0006 00 000005 0000000100'],
    ['an RST_STREAM without a status', '8003 0003 00 000004 00000001'],
    ['SETTINGS that count more than they hold', '8003 0004 00 000004 ffffffff'],
  ])('refuses %s', (_what, wire) => {
    expect(() => parse([hex(wire)])).toThrow(SpdyProtocolError);
  });
});
