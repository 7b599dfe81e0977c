import fc from 'fast-check';
import { fromMilliseconds, fromRfc3339, fromSeconds, toMilliseconds } from '../../../src/lib/time';

it.each([
  ['2026-11-21T23:51:14.00473622Z', 1_795_305_074_004_736_220n],
  ['2026-11-21T23:51:14.044953119Z', 1_795_305_074_044_953_119n],
  ['2026-11-21T23:51:14Z', 1_795_305_074_000_000_000n],
  ['2026-11-22T01:21:14.5+01:30', 1_795_305_074_500_000_000n],
  ['1970-01-01T00:00:01Z', 1_000_000_000n],
  ['2026-11-21T23:51:14.1234567891234Z', 1_795_305_074_123_456_789n],
])('%s is %p', (time, nanoseconds) => {
  expect(fromRfc3339(time)).toBe(nanoseconds);
});

it.each([
  [undefined],
  [''],
  ['0001-01-01T00:00:00Z'],
  ['1970-01-01T00:00:00.9Z'],
  ['1969-12-31T23:59:59.9Z'],
  ['now'],
  ['2026-11-21'],
  ['2026-11-21T23:51:14'],
  ['2026-13-21T23:51:14Z'],
  ['2026-11-21T23:51:14.Z'],
  [' 2026-11-21T23:51:14Z'],
  ['2026-11-21T23:51:14Z\n'],
])('%j is never', (time) => {
  expect(fromRfc3339(time)).toBe(0n);
});

/** Go's RFC3339Nano: as many decimals as it takes, and none for whole seconds. */
function goTime(seconds: number, nanoseconds: number, offset: number): string {
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19);
  const decimals = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
  const minutes = Math.abs(offset);
  const clock = [Math.floor(minutes / 60), minutes % 60].map((number) => String(number).padStart(2, '0')).join(':');
  const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${clock}`;
  return `${local}${decimals === '' ? '' : `.${decimals}`}${zone}`;
}

it('every nanosecond of three centuries is exact, in every zone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9_466_848_000 }),
      fc.nat({ max: 999_999_999 }),
      fc.integer({ min: -12 * 60, max: 14 * 60 }),
      (seconds, nanoseconds, offset) => {
        const exact = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
        expect(fromRfc3339(goTime(seconds, nanoseconds, offset))).toBe(exact);
      },
    ),
    { numRuns: 1000 },
  );
});

it('whole seconds and milliseconds become nanoseconds, and these become milliseconds again', () => {
  expect(fromSeconds(1_795_305_074)).toBe(1_795_305_074_000_000_000n);
  expect(fromMilliseconds(1_795_305_074_004.7)).toBe(1_795_305_074_004_000_000n);
  expect(toMilliseconds(1_795_305_074_004_999_999n)).toBe(1_795_305_074_004);
});
