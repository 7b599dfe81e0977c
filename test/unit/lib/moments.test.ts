import { Moments, type Moment } from '../../../src/lib/moments';

const MIDNIGHT = 1_800_000_000_000;

let now: number;
let passed: number;
let moments: Moments;

beforeEach(() => {
  now = MIDNIGHT;
  passed = 1000.25;
  moments = new Moments({ now: () => now, passed: () => passed });
});

/** Goes on, and to what the clock shows in whole milliseconds. */
function goOn(milliseconds: number): void {
  passed += milliseconds;
  now = Math.trunc(now + milliseconds);
}

/** Milliseconds that a moment is behind the time of the day. */
function behind(moment: Moment): number {
  return Number(BigInt(now) * 1_000_000n - moment.now) / 1e6;
}

test('is the time of the day, less than a millisecond late, and what has passed', () => {
  const moment = moments.take();

  expect(behind(moment)).toBe(0.75);
  expect(moment.passed).toBe(1_000_250_000n);
});

test.each([0.5, 1000.75, 3_600_000.125])('two are as far apart by the one as by the other, %s ms', (milliseconds) => {
  const first = moments.take();
  goOn(milliseconds);

  const second = moments.take();

  expect(second.passed - first.passed).toBe(BigInt(milliseconds * 1e6));
  expect(second.now - first.now).toBe(second.passed - first.passed);
});

test('does not follow what a late look makes of the clock', () => {
  const first = moments.take();
  goOn(10);
  now += 49;

  expect((moments.take().now - first.now) / 1_000_000n).toBe(10n);
});

test.each([-86_400_000, -51, 51, 86_400_000])('follows a clock that was set by %s ms', (by) => {
  const first = moments.take();
  goOn(10);
  now += by;

  const second = moments.take();

  expect(behind(second)).toBe(0.75);
  expect(second.passed - first.passed).toBe(10_000_000n);
});
