import fc from 'fast-check';
import { Readable } from 'node:stream';
import { jsonLines } from '../../../src/docker/json-lines';
import { refusalOf } from '../../support/refusal';

async function linesOf(chunks: Iterable<string | Buffer>): Promise<unknown[]> {
  const lines = [];
  for await (const line of jsonLines(Readable.from(chunks, { objectMode: false }))) lines.push(line);
  return lines;
}

/** `bytes` in pieces that are cut at `cuts`. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const bounds = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, n) => bytes.subarray(bounds[n], end));
}

test('lines come out as they went in, however the bytes are cut', async () => {
  const line = fc.record({ id: fc.string({ unit: 'grapheme' }), status: fc.string() });
  const ending = fc.constantFrom('\n', '\r\n', '\n\n');
  await fc.assert(
    fc.asyncProperty(fc.array(line), ending, fc.array(fc.nat(), { maxLength: 20 }), async (lines, end, cuts) => {
      const bytes = Buffer.from(lines.map((one) => JSON.stringify(one) + end).join(''));
      expect(await linesOf(cut(bytes, cuts))).toEqual(lines);
    }),
  );
});

test('the last line needs no end', async () => {
  expect(await linesOf(['{"status":"a"}\n{"status"', ':"b"}'])).toEqual([{ status: 'a' }, { status: 'b' }]);
});

test.each(['<html>', '{"status":', 'null', '7', '"done"'])('%s is no such line', async (line) => {
  expect(await refusalOf(linesOf([`${line}\n`]))).toBe(`Internal: docker sent a line that is no JSON object: ${line}`);
});

test('an event has all labels of its container, however long they are written', async () => {
  const event = { Actor: { Attributes: { 'annotation.a': '<'.repeat(255_000) } } };
  const line = JSON.stringify(event).replaceAll('<', '\\u003c');
  expect(await linesOf(cut(Buffer.from(`${line}\n`), [65_536, 131_072, 1_000_000]))).toEqual([event]);
});

test('a line without an end is not collected for ever', async () => {
  let sent = 0;
  const endless = function* () {
    for (;;) {
      sent += 65_536;
      yield 'x'.repeat(65_536);
    }
  };
  expect(await refusalOf(linesOf(endless()))).toBe('Internal: docker sent a line without an end');
  expect(sent).toBeLessThan(5 << 20);
});
