import fc from 'fast-check';
import { fromRfc3339 } from '../../../src/lib/time';
import { EngineMessages, type EngineMessage } from '../../../src/logs/engine-messages';

const TIME = '2026-01-02T03:04:05.123456789Z';
const AT = fromRfc3339(TIME);
/** Docker's own, and that of CloudWatch's driver. */
const CUTS = [16 * 1024, 256 * 1024 - 26];

function framed({ stream, time, text }: EngineMessage): Buffer {
  const payload = Buffer.from(`${time} ${text}`, 'latin1');
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Takes bytes apart that come in pieces of this size. */
function taken(bytes: Buffer, size: number, tty: boolean): EngineMessage[] {
  const messages = new EngineMessages(tty);
  const all: EngineMessage[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    messages.push(bytes.subarray(at, at + size));
    for (let next = messages.next(); next !== undefined; next = messages.next()) all.push(next);
  }
  const rest = messages.rest();
  return rest === undefined ? all : [...all, rest];
}

const words = fc.string({ maxLength: 50 }).map((text) => text.replaceAll('\n', ' '));

it('frames are entries, however they are cut', () => {
  const entry = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    time: fc.constant(TIME),
    at: fc.constant(AT),
    text: fc.tuple(words, fc.constantFrom('\n', '')).map((parts) => parts.join('')),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 10 }), fc.integer({ min: 1, max: 100 }), (entries, size) => {
      // Docker 20.10 forgets the newline of a cut line's last part.
      const whole = entries.map((one) => ({ ...one, text: one.text.endsWith('\n') ? one.text : `${one.text}\n` }));
      expect(taken(Buffer.concat(entries.map(framed)), size, false)).toEqual(whole);
    }),
  );
});

it('tells what the engine says of itself from what the container wrote', () => {
  const bytes = Buffer.from('\x03\0\0\0\0\0\0\x1aError grabbing logs: broken\n', 'latin1');
  bytes.writeUInt32BE(bytes.length - 8, 4);
  expect(taken(bytes, 5, false)).toEqual([
    { stream: 'error', time: '', at: 0n, text: 'Error grabbing logs: broken\n' },
  ]);
});

it('tells it also between the lines of a terminal, where it has no frame', () => {
  const bytes = Buffer.from(`${TIME} one\nError grabbing logs: broken\n${TIME} two\n`);
  expect(taken(bytes, 5, true)).toEqual([
    { stream: 'stdout', time: TIME, at: AT, text: 'one\n' },
    { stream: 'error', time: '', at: 0n, text: 'Error grabbing logs: broken\n' },
    { stream: 'stdout', time: TIME, at: AT, text: 'two\n' },
  ]);
});

it('refuses bytes that are no frame, or none of an entry', () => {
  expect(() => taken(Buffer.from('HTTP/1.1 400'), 100, false)).toThrow(/not a multiplexed output stream/);
  expect(() => taken(Buffer.from('\x01\0\0\0HTTP'), 100, false)).toThrow(/not a log: an entry of \d+ bytes/);
});

it('refuses what has no end', () => {
  expect(() => taken(Buffer.alloc(300_000, 'x'), 1000, true)).toThrow(/not a log: \d+ bytes without an end/);
});

it('a terminal’s entries are lines, or parts of lines that Docker has cut', () => {
  const part = fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom(...CUTS)).map(([sign, cut]) => sign.repeat(cut));
  const line = fc.tuple(fc.array(part, { maxLength: 2 }), words).map(([parts, text]) => [...parts, `${text}\n`]);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 5_000, max: 40_000 }), (lines, size) => {
      const entries = lines.flat().map((text): EngineMessage => ({ stream: 'stdout', time: TIME, at: AT, text }));
      const bytes = Buffer.from(entries.map(({ time, text }) => `${time} ${text}`).join(''));
      expect(taken(bytes, size, true)).toEqual(entries);
    }),
  );
});
