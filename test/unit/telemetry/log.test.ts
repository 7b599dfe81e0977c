import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createLog, fileWriter, LOG_LEVELS, type LogFormat, type LogLevel } from '../../../src/telemetry/log';
import type { LogFields } from '../../../src/lib/log';
import { temporaryDirectory } from '../../support/temporary-directory';

beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5, 678) }));
afterEach(() => jest.useRealTimers());

const TIME = '2026-01-02T03:04:05.678Z';

function logging(level: LogLevel, format: LogFormat) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, format, write: (line) => lines.push(line) }) };
}

/** The one line of a message with these fields. */
function line(format: LogFormat, fields?: LogFields): string {
  const { lines, log } = logging('info', format);
  log.info('hello', fields);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

it.each(LOG_LEVELS)('at level %s it writes that level and those above', (least) => {
  const { lines, log } = logging(least, 'text');
  for (const level of LOG_LEVELS) log[level]('x');
  const written = lines.map((text) => text.split(/\s+/)[1]);
  expect(written).toEqual(LOG_LEVELS.slice(LOG_LEVELS.indexOf(least)));
});

describe('text', () => {
  it('is the time, the level, the message and the fields', () => {
    expect(line('text')).toBe(`${TIME} info  hello\n`);
    expect(line('text', { pod: 'shop/web-0', count: 3, big: 7n, ok: true })).toBe(
      `${TIME} info  hello pod=shop/web-0 count=3 big=7 ok=true\n`,
    );
  });

  it.each([
    ['two words', '"two words"'],
    ['', '""'],
    ['a=b', '"a=b"'],
    ['"quoted"', '"\\"quoted\\""'],
    ['line\nbreak', '"line\\nbreak"'],
    ['\u001b[2J', '"\\u001b[2J"'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['busybox@sha256', 'busybox@sha256'],
  ])('the value %j is written %s', (value, written) => {
    expect(line('text', { field: value })).toBe(`${TIME} info  hello field=${written}\n`);
  });

  it('leaves out what is undefined', () => {
    expect(line('text', { a: undefined, b: 1 })).toBe(`${TIME} info  hello b=1\n`);
  });
});

describe('json', () => {
  it('is one object a line', () => {
    const text = line('json', { pod: 'shop/web-0', count: 3, big: 2n ** 60n, ok: true, none: undefined });
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      time: TIME,
      level: 'info',
      message: 'hello',
      pod: 'shop/web-0',
      count: 3,
      big: '1152921504606846976',
      ok: true,
    });
  });

  it('never breaks the line', () => {
    expect(line('json', { error: 'one\ntwo' }).split('\n')).toHaveLength(2);
  });
});

it('binds fields, over and over, and a line may say them anew', () => {
  const { lines, log } = logging('info', 'text');
  const bound = log.with({ call: 'Version' }).with({ pod: 'a' });
  bound.info('one');
  bound.info('two', { pod: 'b' });
  log.info('three');
  expect(lines).toEqual([
    `${TIME} info  one call=Version pod=a\n`,
    `${TIME} info  two call=Version pod=b\n`,
    `${TIME} info  three\n`,
  ]);
});

describe('who reads it', () => {
  const root = temporaryDirectory();

  it('stops, and misses lines: the next one that is taken tells how many', () => {
    const fifo = root.path('fifo');
    execFileSync('mkfifo', [fifo]);
    const file = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const write = fileWriter(file, (lines) => `${lines} lost\n`);
    const taken = Buffer.alloc(1024 * 1024);
    for (let line = 0; line < 300; line += 1) write(`${line} ${'x'.repeat(5000)}\n`);
    const before = taken.toString('latin1', 0, readSync(file, taken));
    write('last\n');
    const after = taken.toString('latin1', 0, readSync(file, taken));
    closeSync(file);
    const whole = before.split('\n').filter((line) => line.endsWith('x'.repeat(5000)));
    expect(whole.length).toBeGreaterThan(0);
    const told = [...`${before}${after}`.matchAll(/^(\d+) lost$/gm)].map(([, count]) => Number(count));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(300 - whole.length);
    expect(after).toMatch(/\d+ lost\nlast\n$/);
  });
});
