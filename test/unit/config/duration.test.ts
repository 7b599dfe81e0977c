import fc from 'fast-check';
import { parseDuration } from '../../../src/config/duration';
import { refusal } from '../../support/refusal';

it.each<[string, number]>([
  ['1ms', 1],
  ['90s', 90_000],
  ['1m0s', 60_000],
  ['1m30s', 90_000],
  ['1h1m1s1ms', 3_661_001],
  ['0.5s', 500],
  ['1.5h', 5_400_000],
  ['0m1s', 1000],
  ['48h', 172_800_000],
])('%s is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each(['', '1', '0s', '0h0m', '-1s', '+1s', '1 s', ' 1s', '1s ', '1d', '1S', '.5s', '1.s', '1e3s', 'NaNs', '1s\n'])(
  '%j is no time',
  (text) => {
    expect(refusal(() => parseDuration(text))).toMatch(/^InvalidArgument: /);
  },
);

it.each(['48h1ms', '1000h', `${'9'.repeat(400)}s`])('%s is longer than anything waits', (text) => {
  expect(refusal(() => parseDuration(text))).toMatch(/^InvalidArgument: .*more than 48h/);
});

/** As Go's Duration.String writes it. */
function goDuration(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (milliseconds < 1000) return `${milliseconds}ms`;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}`;
}

it('every time that Go writes comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 48 * 3_600_000 }), (milliseconds) => {
      expect(parseDuration(goDuration(milliseconds))).toBeCloseTo(milliseconds, 6);
    }),
    { numRuns: 500 },
  );
});
