import fc from 'fast-check';
import { renderBuffers } from '../../../src/logs/render-buffers';
import { firstTime, renderJson } from '../../../src/logs/render-json';
import { jsonOf, lineOf, timeOf, type Entry } from '../../support/json-file-log';

const CAPACITY = 16 * 1024;

/** Renders a log as it comes in pieces, of which the incomplete line is read again. */
function rendered(log: Buffer, cuts: readonly number[] = []): { text: string; unreadable: number } {
  const buffers = renderBuffers(CAPACITY);
  let text = '';
  let unreadable = 0;
  let offset = 0;
  for (const cut of [...cuts, log.length].sort((one, other) => one - other)) {
    const length = log.copy(buffers.input, 0, offset, Math.min(cut, offset + CAPACITY));
    const result = renderJson(buffers, length);
    expect(result.written).toBeLessThanOrEqual(result.consumed);
    text += buffers.output.toString('utf8', 0, result.written);
    offset += result.consumed;
    unreadable += result.unreadable;
  }
  return { text, unreadable };
}

const entries: fc.Arbitrary<Entry> = fc.record({
  text: fc
    .tuple(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('<a href="x">&amp;</a>\\\u2028\t\b\u0000')),
      fc.constantFrom('\n', '\r\n', ''),
    )
    .map(([words, end]) => words.replaceAll('\n', '') + end),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  time: fc.integer({ min: 0, max: 999_999_999 }).map(timeOf),
});

it('every entry that Docker writes becomes its line, wherever the log is cut', () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 20 }), fc.array(fc.nat(4000), { maxLength: 5 }), (written, cuts) => {
      const log = Buffer.from(written.map(jsonOf).join(''));
      const within = cuts.filter((cut) => cut < log.length);
      expect(rendered(log, within)).toEqual({ text: written.map(lineOf).join(''), unreadable: 0 });
    }),
    { numRuns: 1000 },
  );
});

it.each<[string, string, string]>([
  ['a whole line', '{"log":"a b\\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}', 'stdout F a b'],
  ['a part', '{"log":"a b","stream":"stderr","time":"2026-01-02T03:04:05.123456789Z"}', 'stderr P a b'],
  ['an empty line', '{"log":"\\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}', 'stdout F '],
  ['nothing', '{"log":"","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}', 'stdout P '],
  [
    'attributes',
    '{"log":"a\\n","stream":"stdout","attrs":{"tag":"x\\"y"},"time":"2026-01-02T03:04:05.123456789Z"}',
    'stdout F a',
  ],
  ['another order', '{"time":"2026-01-02T03:04:05.123456789Z", "stream":"stdout", "log":"a\\n"}', 'stdout F a'],
  [
    'newlines within, which would be lines of their own',
    '{"log":"a\\nb\\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}',
    'stdout F ab',
  ],
  ['half a pair', '{"log":"\\ud800\\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}', 'stdout F \ufffd'],
])('%s', (_what, entry, line) => {
  const text = `2026-01-02T03:04:05.123456789Z ${line}\n`;
  expect(rendered(Buffer.from(`${entry}\n`))).toEqual({ text, unreadable: 0 });
});

it.each([
  ['no JSON', 'nonsense'],
  ['half an entry', '{"log":"a'],
  ['zeros', '\0\0\0\0'],
  ['an empty line', ''],
  ['another object', '{}'],
  ['no object', 'null'],
  ['no known stream', '{"log":"a\\n","stream":"stdin","time":"2026-01-02T03:04:05.123456789Z"}'],
  ['no string', '{"log":1,"stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}'],
  ['a time with a space', '{"log":"a\\n","stream":"stdout","time":"2026-01-02 03:04:05"}'],
  ['an escape that means nothing', '{"log":"\\x","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}'],
])('%s is left out, and what comes after is not', (_what, line) => {
  const good: Entry = { text: 'good\n', stream: 'stdout', time: timeOf(1) };
  const log = Buffer.from(`${line}\n${jsonOf(good)}`);
  expect(rendered(log)).toEqual({ text: lineOf(good), unreadable: 1 });
});

it('any bytes are either rendered or left out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const log = Buffer.from(bytes);
      const lines = bytes.filter((byte) => byte === 0x0a).length;
      expect(rendered(log)).toEqual({ text: '', unreadable: lines });
    }),
  );
});

it('the first entry’s time tells files apart', () => {
  const entry = Buffer.from(jsonOf({ text: 'a\n', stream: 'stdout', time: timeOf(5) }));
  expect(firstTime(entry, entry.length)).toBe(timeOf(5));
  expect(firstTime(entry, entry.length - 1)).toBeUndefined();
  expect(firstTime(Buffer.from('nonsense\n'), 9)).toBe('');
});
