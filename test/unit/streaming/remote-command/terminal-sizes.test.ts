import fc from 'fast-check';
import type { TerminalSize } from '../../../../src/streaming/remote-command';
import { TerminalSizes } from '../../../../src/streaming/remote-command/terminal-sizes';

async function sizesAfter(...pieces: (string | Buffer)[]): Promise<TerminalSize[]> {
  const sizes = new TerminalSizes();
  const read: TerminalSize[] = [];
  const reading = (async () => {
    for await (const size of sizes) read.push(size);
  })();
  for (const piece of pieces) {
    sizes.push(Buffer.from(piece));
    await new Promise((resolve) => setImmediate(resolve));
  }
  sizes.end();
  await reading;
  return read;
}

it('reads a size as Go writes it', async () => {
  expect(await sizesAfter('{"Width":100,"Height":30}\n')).toEqual([{ width: 100, height: 30 }]);
});

it.each([
  ['zero', '{"Width":0,"Height":0}'],
  ['too large', '{"Width":65536,"Height":1}'],
  ['a part of a character', '{"Width":1.5,"Height":1}'],
  ['one side only', '{"Width":5}'],
  ['text', '{"Width":"80","Height":"24"}'],
  ['no JSON', 'resize me}'],
  ['longer than any size', `${'x'.repeat(100_000)}}`],
])('leaves out a size that is %s, and reads the next', async (_what, text) => {
  expect(await sizesAfter(text, '{"Width":80,"Height":24}')).toEqual([{ width: 80, height: 24 }]);
});

it('gives a slow reader the newest size alone', async () => {
  const sizes = new TerminalSizes();
  for (const width of [1, 2, 3]) sizes.push(Buffer.from(`{"Width":${width},"Height":9}`));
  const { value } = (await sizes[Symbol.asyncIterator]().next()) as { value: TerminalSize };
  expect(value).toEqual({ width: 3, height: 9 });
});

it('ends while it is waited for', async () => {
  const sizes = new TerminalSizes();
  const next = sizes[Symbol.asyncIterator]().next();
  sizes.end();
  expect((await next).done).toBe(true);
});

it('comes to the last size wherever the text is cut', async () => {
  const extent = fc.integer({ min: 1, max: 65_535 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ width: extent, height: extent }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      async (sizes, cuts) => {
        const text = sizes.map(({ width, height }) => `{"Width":${width},"Height":${height}}\n`).join('');
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((one, other) => one - other), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect((await sizesAfter(...pieces)).at(-1)).toEqual(sizes.at(-1));
      },
    ),
  );
});

it('reads the last size of a push that is longer than any size', async () => {
  const text = `${'{"Width":1,"Height":1}'.repeat(1000)}${'}'.repeat(5000)}{"Width":80,"Height":24}\n`;
  expect(await sizesAfter(text)).toEqual([{ width: 80, height: 24 }]);
});

it('reads the end of a message alone, however long it is', async () => {
  expect(await sizesAfter(`{"Width":1,"Height":1}${' '.repeat(256 * 1024)}`)).toEqual([]);
});
