import fc from 'fast-check';
import { EngineMessages, type EngineMessage } from '../../../src/logs/engine-messages';

const TIME = '2026-01-02T03:04:05.123456789Z';
const CUT = 16 * 1024;

function framed({ stream, time, text }: EngineMessage): Buffer {
  const payload = Buffer.from(`${time} ${text}`);
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
  expect(taken(bytes, 5, false)).toEqual([{ stream: 'error', time: '', text: 'Error grabbing logs: broken\n' }]);
});

it('refuses bytes that are no frame', () => {
  expect(() => taken(Buffer.from('HTTP/1.1 400'), 100, false)).toThrow(/not a multiplexed output stream/);
});

it('a terminal’s entries are lines, or parts of lines that Docker has cut', () => {
  const line = fc.oneof(
    words.map((text) => [`${text}\n`]),
    words.map((text) => ['x'.repeat(CUT), `${text}\n`]),
    words.map((text) => ['x'.repeat(CUT), 'y'.repeat(CUT), `${text}\n`]),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 100, max: 40_000 }), (lines, size) => {
      const entries = lines.flat().map((text): EngineMessage => ({ stream: 'stdout', time: TIME, text }));
      const bytes = Buffer.from(entries.map(({ time, text }) => `${time} ${text}`).join(''));
      expect(taken(bytes, size, true)).toEqual(entries);
    }),
  );
});
