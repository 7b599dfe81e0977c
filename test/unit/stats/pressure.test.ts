import { parsePressure } from '../../../src/stats/pressure';

const SOME = 'some avg10=1.17 avg60=13.83 avg300=23.79 total=516598907\n';
const FULL = 'full avg10=0.00 avg60=0.43 avg300=100.00 total=18446744073709551615\n';

test('microseconds become nanoseconds, and percent stays percent', () => {
  expect(parsePressure(SOME + FULL)).toEqual({
    some: { avg10: 1.17, avg60: 13.83, avg300: 23.79, totalNanoseconds: 516_598_907_000n },
    full: { avg10: 0, avg60: 0.43, avg300: 100, totalNanoseconds: 18_446_744_073_709_551_615_000n },
  });
});

test('the CPU has no full line on old kernels', () => {
  expect(parsePressure(SOME)).toMatchObject({ some: { avg10: 1.17 }, full: undefined });
});

test.each([undefined, '', 'nothing of the kind\n'])('no pressure in %j', (text) => {
  expect(parsePressure(text)).toBeUndefined();
});
