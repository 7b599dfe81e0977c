import fc from 'fast-check';
import { encodeControl, encodeDataHead } from '../../../../src/streaming/spdy/frame-encoder';
import type { Frame } from '../../../../src/streaming/spdy/frames';

const streamId = fc.integer({ min: 1, max: 0x7fffffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const fin = fc.boolean();
const block = bytes(200);

/** Any frame that SPDY/3.1 allows, with header blocks of arbitrary bytes. */
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('SYN_STREAM' as const),
    streamId,
    associatedTo: fc.integer({ min: 0, max: 0x7fffffff }),
    priority: fc.integer({ min: 0, max: 7 }),
    slot: fc.integer({ min: 0, max: 255 }),
    fin,
    unidirectional: fc.boolean(),
    block,
  }),
  fc.record({ type: fc.constant('SYN_REPLY' as const), streamId, fin, block }),
  fc.record({ type: fc.constant('HEADERS' as const), streamId, fin, block }),
  fc.record({ type: fc.constant('RST_STREAM' as const), streamId, status: word }),
  fc.record({
    type: fc.constant('SETTINGS' as const),
    clear: fc.boolean(),
    settings: fc.array(
      fc.record({ flags: fc.integer({ min: 0, max: 255 }), id: fc.integer({ min: 0, max: 0xffffff }), value: word }),
      { maxLength: 9 },
    ),
  }),
  fc.record({ type: fc.constant('PING' as const), id: word }),
  fc.record({
    type: fc.constant('GOAWAY' as const),
    lastGoodStreamId: fc.integer({ min: 0, max: 0x7fffffff }),
    status: word,
  }),
  fc.record({
    type: fc.constant('WINDOW_UPDATE' as const),
    streamId: fc.integer({ min: 0, max: 0x7fffffff }),
    delta: fc.integer({ min: 0, max: 0x7fffffff }),
  }),
  fc.record({ type: fc.constant('DATA' as const), streamId, fin, payload: bytes(400) }),
);

export function bytes(maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
}

export function encode(frame: Frame): Buffer {
  if (frame.type !== 'DATA') return encodeControl(frame);
  return Buffer.concat([encodeDataHead(frame.streamId, frame.fin, frame.payload.length), frame.payload]);
}

/** The same bytes in pieces: each number is the length of the next piece, over and over. */
export function inPieces(whole: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += pieces.at(-1)?.length ?? 0) {
    pieces.push(whole.subarray(at, at + (lengths[pieces.length % lengths.length] ?? whole.length)));
  }
  return pieces;
}

export const pieceLengths = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 });
