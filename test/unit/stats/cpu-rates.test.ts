import fc from 'fast-check';
import { CpuRates } from '../../../src/stats/cpu-rates';

const MS = 1_000_000n;

/** Rates of readings in milliseconds. */
class Bench {
  readonly rates = new CpuRates();

  rate(id: string, ms: number, usageMs: number): bigint | undefined {
    return this.rates.rate(id, BigInt(ms) * MS, BigInt(usageMs * Number(MS)));
  }
}

/** The rates, in milli-cores, of these readings of one container: pairs of time and CPU time in milliseconds. */
function ratesOf(...readings: [number, number][]): (number | undefined)[] {
  const bench = new Bench();
  return readings.map(([ms, usageMs]) => {
    const rate = bench.rate('a', ms, usageMs);
    return rate === undefined ? undefined : Number(rate / MS);
  });
}

test.each<[string, [number, number][], (number | undefined)[]]>([
  ['the first has none', [[0, 500]], [undefined]],
  [
    'the second has one',
    [
      [0, 500],
      [10_000, 5500],
    ],
    [undefined, 500],
  ],
  [
    'one too close to the first has none',
    [
      [0, 0],
      [100, 100],
    ],
    [undefined, undefined],
  ],
  [
    'one too close looks further back',
    [
      [0, 0],
      [2000, 2000],
      [2500, 2000],
    ],
    [undefined, 1000, 800],
  ],
  [
    'several too close',
    [
      [0, 0],
      [1000, 0],
      [1500, 300],
      [1900, 950],
      [2000, 1000],
    ],
    [undefined, 0, 200, 500, 1000],
  ],
  [
    'a counter that started anew',
    [
      [0, 5000],
      [1000, 100],
      [2000, 200],
    ],
    [undefined, undefined, 100],
  ],
  [
    'a clock that went back',
    [
      [5000, 0],
      [1000, 10],
      [2000, 20],
    ],
    [undefined, undefined, 10],
  ],
  [
    'a reading from long ago',
    [
      [0, 0],
      [400_000, 100],
      [401_000, 200],
    ],
    [undefined, undefined, 100],
  ],
])('%s', (_what, readings, expected) => {
  expect(ratesOf(...readings)).toEqual(expected);
});

test('containers are told apart, and forgotten', () => {
  const bench = new Bench();
  bench.rate('a', 0, 0);

  expect(bench.rate('b', 1000, 5000)).toBeUndefined();
  bench.rates.keepOnly(new Set(['b']));

  expect(bench.rate('a', 2000, 100)).toBeUndefined();
  expect(bench.rate('b', 2000, 6000)).toBe(1_000_000_000n);
});

test('a constant load has a constant rate, however it is read', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(steps, (waits) => {
      const bench = new Bench();
      let now = 0;
      for (const wait of waits) {
        now += wait;
        expect([undefined, 500n * MS]).toContain(bench.rate('a', now, now / 2));
      }
    }),
  );
});
