import { age } from '../../../../src/cli/pods/age';

const NOW = Date.UTC(2026, 0, 10);
const SECOND = 1;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

it.each([
  [0, '0s'],
  [SECOND, '1s'],
  [59 * SECOND, '59s'],
  [MINUTE, '1m'],
  [MINUTE + 30, '1m30s'],
  [2 * MINUTE + 59, '2m59s'],
  [3 * MINUTE + 59, '3m'],
  [HOUR + 59, '1h'],
  [2 * HOUR + 30 * MINUTE, '2h30m'],
  [23 * HOUR, '23h'],
  [DAY + 4 * HOUR, '1d4h'],
  [400 * DAY, '400d'],
  [-5, '0s'],
])('%d seconds ago is %s', (seconds, text) => {
  expect(age(BigInt(NOW - seconds * 1000) * 1_000_000n, NOW)).toBe(text);
});
