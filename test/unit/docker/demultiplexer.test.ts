import fc from 'fast-check';
import { Demultiplexer, type OutputStream } from '../../../src/docker/demultiplexer';

const CODES = { stdout: 1, stderr: 2, error: 3 } as const;

interface Frame {
  readonly stream: OutputStream;
  readonly payload: Uint8Array;
}

function bytesOf({ stream, payload }: Frame): Buffer {
  const header = Buffer.alloc(8);
  header[0] = CODES[stream];
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** What comes out: neighbouring parts of one stream joined, for where a payload is cut is nobody's business. */
function demultiplexed(chunks: readonly Buffer[]): [OutputStream, string][] {
  const runs: [OutputStream, string][] = [];
  const demultiplexer = new Demultiplexer((stream, part) => {
    const last = runs.at(-1);
    if (last?.[0] === stream) last[1] += part.toString('hex');
    else runs.push([stream, part.toString('hex')]);
  });
  for (const chunk of chunks) demultiplexer.push(chunk);
  return runs;
}

function expectedRuns(frames: readonly Frame[]): [OutputStream, string][] {
  const runs: [OutputStream, string][] = [];
  for (const { stream, payload } of frames) {
    if (payload.length === 0) continue;
    const hex = Buffer.from(payload).toString('hex');
    const last = runs.at(-1);
    if (last?.[0] === stream) last[1] += hex;
    else runs.push([stream, hex]);
  }
  return runs;
}

const frame = fc.record({
  stream: fc.constantFrom<OutputStream>('stdout', 'stderr', 'error'),
  payload: fc.uint8Array({ maxLength: 300 }),
});

test('every byte comes out once, in order, on its stream, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(bytesOf));
      const bounds = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const chunks = bounds.slice(1).map((end, n) => bytes.subarray(bounds[n], end));
      expect(demultiplexed(chunks)).toEqual(expectedRuns(frames));
    }),
  );
});

test('byte by byte', () => {
  const frames: Frame[] = [
    { stream: 'stdout', payload: Buffer.from('one') },
    { stream: 'stderr', payload: Buffer.from('') },
    { stream: 'stderr', payload: Buffer.from('two') },
  ];
  const bytes = Buffer.concat(frames.map(bytesOf));
  const chunks = [...bytes].map((byte) => Buffer.from([byte]));
  expect(demultiplexed(chunks)).toEqual(expectedRuns(frames));
});

test('a payload is handed on before all of it has come', () => {
  const runs = demultiplexed([Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 7])]);
  expect(runs).toEqual([['stdout', '07']]);
});

test('what is echoed of stdin is output', () => {
  expect(demultiplexed([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 65])])).toEqual([['stdout', '41']]);
});

test.each([
  ['text', Buffer.from('total 12\n')],
  ['an unknown stream', Buffer.from([4, 0, 0, 0, 0, 0, 0, 1, 65])],
  ['no zeros after the stream', Buffer.from([1, 0, 0, 1, 0, 0, 0, 1, 65])],
])('%s is no frame', (_what, bytes) => {
  expect(() => demultiplexed([bytes])).toThrow(/not a multiplexed output stream/);
});
