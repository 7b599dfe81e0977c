import fc from 'fast-check';
import { AuthorityRewriter } from '../../../../src/cri/listen/authority-rewriter';
import { FrameFlag, FrameType, PREFACE } from '../../../../src/cri/listen/http2-frames';
import { encodeBlock } from './hpack-encoder';
import { frame, headerFrames, KUBELET_FIRST_CALL } from './http2-client-bytes';

function request(authority: string, huffman: boolean): Buffer {
  return encodeBlock([
    { kind: 'indexed', index: 3 },
    { kind: 'literal', indexing: 'incremental', name: 1, value: { text: authority, huffman } },
    { kind: 'literal', indexing: 'without', name: 4, value: { text: '/runtime.v1.RuntimeService/Version', huffman } },
  ]);
}

/** Pieces of a connection, as they come and as they should go on. */
const piece = fc.oneof(
  fc
    .record({ type: fc.constantFrom(0, 2, 3, 4, 6, 7, 8, 99), payload: fc.uint8Array({ maxLength: 300 }) })
    .map(({ type, payload }) => {
      const bytes = frame(type, 0, 1, Buffer.from(payload));
      return { from: bytes, to: bytes };
    }),
  fc
    .record({
      authority: fc.constantFrom('/run/dockershim.sock', '/a', 'localhost', '%2Frun%2Fx'),
      huffman: fc.boolean(),
      cuts: fc.array(fc.nat(20), { maxLength: 4 }),
      padding: fc.option(fc.nat(255), { nil: undefined }),
      priority: fc.boolean(),
    })
    .map(({ authority, huffman, padding, ...rest }) => {
      const shape = padding === undefined ? rest : { ...rest, padding };
      return {
        from: headerFrames(request(authority, huffman), 1, shape),
        to: headerFrames(request(authority.replaceAll('/', '-'), huffman), 1, shape),
      };
    }),
);

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const bounds = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, n) => Buffer.from(bytes.subarray(bounds[n], end)));
}

test('however frames are made up and chunks are cut, authorities are rewritten and the rest passes as it is', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 40 }), (pieces, cuts) => {
      const rewriter = new AuthorityRewriter();
      const from = Buffer.concat([PREFACE, ...pieces.map((piece) => piece.from)]);
      const to = Buffer.concat([PREFACE, ...pieces.map((piece) => piece.to)]);
      const out = Buffer.concat(cut(from, cuts).map((chunk) => Buffer.from(rewriter.push(chunk))));
      expect(out.toString('hex')).toBe(to.toString('hex'));
    }),
    { numRuns: 1000 },
  );
});

test('the recorded kubelet call, byte by byte, differs in the two slashes of its authority alone', () => {
  const rewriter = new AuthorityRewriter();
  const out = Buffer.concat([...KUBELET_FIRST_CALL].map((byte) => Buffer.from(rewriter.push(Buffer.from([byte])))));
  const differing = [...out.keys()].filter((at) => out[at] !== KUBELET_FIRST_CALL[at]);
  expect(out).toHaveLength(KUBELET_FIRST_CALL.length);
  // The literal `41 8f …` of 15 coded bytes.
  const literal = KUBELET_FIRST_CALL.indexOf(Buffer.from('418f', 'hex')) + 2;
  expect(differing.length).toBeGreaterThanOrEqual(2);
  expect(differing.every((at) => at >= literal && at < literal + 15)).toBe(true);
});

test('a part of a DATA frame goes on at once', () => {
  const rewriter = new AuthorityRewriter();
  rewriter.push(Buffer.from(PREFACE));
  const data = frame(0, 0, 1, Buffer.alloc(16_000, 'x'));
  expect(rewriter.push(data.subarray(0, 5_000))).toHaveLength(5_000);
  expect(rewriter.push(data.subarray(5_000))).toHaveLength(data.length - 5_000);
});

test('headers of more than 64 KiB are refused, declared or continued', () => {
  const declared = Buffer.concat([PREFACE, frame(FrameType.Headers, FrameFlag.EndHeaders, 1, Buffer.alloc(70_000))]);
  expect(() => new AuthorityRewriter().push(declared.subarray(0, 40))).toThrow(/more than 64 KiB/);
  const rewriter = new AuthorityRewriter();
  rewriter.push(Buffer.concat([PREFACE, frame(FrameType.Headers, 0, 1, Buffer.alloc(16_000))]));
  const continuation = frame(FrameType.Continuation, 0, 1, Buffer.alloc(16_000));
  for (let n = 0; n < 3; n += 1) expect(rewriter.push(Buffer.from(continuation))).toHaveLength(0);
  expect(() => rewriter.push(Buffer.from(continuation))).toThrow(/more than 64 KiB/);
});

test('a header block that another frame interrupts is passed on for HTTP/2 to refuse', () => {
  const broken = Buffer.concat([
    PREFACE,
    frame(FrameType.Headers, 0, 1, Buffer.from([0x83])),
    frame(FrameType.Ping, 0, 0, Buffer.alloc(8)),
  ]);
  expect(new AuthorityRewriter().push(Buffer.from(broken)).equals(broken)).toBe(true);
});
