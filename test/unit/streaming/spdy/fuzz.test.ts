import fc from 'fast-check';
import { encodeControl } from '../../../../src/streaming/spdy/frame-encoder';
import { encodeHeaders } from '../../../../src/streaming/spdy/header-block';
import { HeaderDeflater } from '../../../../src/streaming/spdy/header-deflater';
import { feed } from '../../../fuzz/spdy';
import { anyFrame, bytes, encode, inPieces, pieceLengths } from './frames-arbitrary';

/** More by hand: FUZZ_RUNS=1000000 npm run unit -- --testPathPatterns spdy/fuzz */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

jest.setTimeout(5_000 + RUNS * 20);

/** Streams with few numbers, so that frames meet streams that exist. */
const streamId = fc.integer({ min: 0, max: 9 }).map((index) => 2 * index + 1);

type Step = (deflater: HeaderDeflater) => Buffer;

const opening: fc.Arbitrary<Step> = fc
  .record({ streamId, fin: fc.boolean(), headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()) })
  .map(({ streamId: id, fin, headers }) => (deflater) => {
    const block = deflater.deflate(encodeHeaders(new Map(Object.entries(headers))));
    const rest = { associatedTo: 0, priority: 0, slot: 0, unidirectional: false };
    return encodeControl({ type: 'SYN_STREAM', streamId: id, fin, block, ...rest });
  });

const fitting: fc.Arbitrary<Step> = fc
  .tuple(anyFrame, streamId)
  .filter(([frame]) => !('block' in frame))
  .map(
    ([frame, id]) =>
      () =>
        encode('streamId' in frame ? { ...frame, streamId: id } : frame),
  );

const anything: fc.Arbitrary<Step> = fc.oneof(anyFrame.map(encode), bytes(40)).map((wire) => () => wire);

const conversation = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: opening }, { weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: anything }),
    {
      maxLength: 30,
    },
  )
  .map((steps) => {
    const deflater = new HeaderDeflater();
    return Buffer.concat(steps.map((step) => step(deflater)));
  });

const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 2 });

describe('a SPDY connection that is fed with nonsense', () => {
  it('closes once, lets no error out, and keeps nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(conversation, bytes(500)), flips, pieceLengths, async (wire, changes, lengths) => {
        for (const [at, change] of changes) if (wire.length > 0) wire[at % wire.length]! ^= change;
        const { closes, streams, mostHeld } = await feed(inPieces(wire, lengths));
        expect(closes).toBe(1);
        expect(streams.every((stream) => stream.destroyed)).toBe(true);
        expect(mostHeld).toBeLessThan(wire.length + 64 * 1024);
      }),
      { numRuns: RUNS },
    );
  });
});
