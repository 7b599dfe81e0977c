import fc from 'fast-check';
import { EngineMarks } from '../../../src/logs/engine-marks';
import type { OutputPosition } from '../../../src/store/log-offsets';

const SECOND = 1_000_000_000n;

/** Times of a log's entries, in the order of the log: they go on, and may be a little out of order. */
const times = fc
  .array(fc.tuple(fc.bigInt(0n, 3n * SECOND), fc.bigInt(0n, SECOND / 2n)), { maxLength: 60 })
  .map((steps) => {
    let now = 1_700_000_000n * SECOND;
    return steps.map(([step, late]) => (now += step) - late);
  });

/** What the engine answers: all entries that are not before `since`, of which its driver sees no more than `unit`. */
function asked(log: readonly bigint[], since: string | undefined, unit: bigint): { index: number; time: bigint }[] {
  const entries = log.map((time, index) => ({ index, time }));
  if (since === undefined) return entries;
  const [seconds = '', nanoseconds = ''] = since.split('.');
  const from = BigInt(seconds) * SECOND + BigInt(nanoseconds);
  return entries.filter(({ time }) => time >= from - (from % unit));
}

/** The local driver's, and journald's: in nanoseconds. */
const units = fc.constantFrom(1n, 1000n);

it('every entry is read once, however often it is asked anew', () => {
  fc.assert(
    fc.property(times, units, fc.array(fc.nat(60), { maxLength: 6 }), (log, unit, cuts) => {
      const read: number[] = [];
      let position: OutputPosition | undefined;
      for (const cut of [...cuts.sort((one, other) => one - other), log.length]) {
        const marks = new EngineMarks(position);
        for (const { index, time } of asked(log.slice(0, cut), marks.since, unit))
          if (!marks.read(time)) read.push(index);
        ({ position } = marks);
      }
      expect(read).toEqual(log.map((_, index) => index));
    }),
    { numRuns: 1000 },
  );
});

it('every entry is read once when the engine breaks off while it tells again what was read', () => {
  fc.assert(
    fc.property(times, units, fc.array(fc.nat(20), { maxLength: 10 }), (log, unit, lengths) => {
      const read: number[] = [];
      let position: OutputPosition | undefined;
      for (const length of [...lengths, log.length]) {
        const marks = new EngineMarks(position);
        const answer = asked(log, marks.since, unit).slice(0, length);
        for (const { index, time } of answer) if (!marks.read(time)) read.push(index);
        ({ position } = marks);
      }
      expect(read).toEqual(log.map((_, index) => index));
    }),
    { numRuns: 1000 },
  );
});

it('no entry is lost that the engine told after the clock was set back', () => {
  const setBack = fc.bigInt(1n, 1000n);
  const cutsAfter = fc.array(fc.nat(60), { maxLength: 4 });
  fc.assert(
    fc.property(times, times, setBack, units, cutsAfter, (before, after, seconds, unit, cuts) => {
      const log = [...before, ...after.map((time) => time - seconds * SECOND)];
      const read = new Set<number>();
      let position: OutputPosition | undefined;
      for (const cut of [...cuts.sort((one, other) => one - other), log.length]) {
        const marks = new EngineMarks(position);
        const answer = asked(log.slice(0, before.length + 1 + cut), marks.since, unit);
        for (const { index, time } of answer) if (!marks.read(time)) read.add(index);
        ({ position } = marks);
      }
      expect(read.size).toBe(log.length);
    }),
    { numRuns: 1000 },
  );
});

it('a position stays near the end', () => {
  const marks = new EngineMarks(undefined);
  for (let second = 0n; second < 1000n; second += 1n) marks.read((1_700_000_000n + second) * SECOND);
  expect(BigInt(marks.position?.at ?? 0) / SECOND).toBeGreaterThan(1_700_000_990n);
});
