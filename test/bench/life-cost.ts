import { liveBare } from './bare-life';
import { median, quantile } from './figures';
import { LIFE, liveThrough, totalOf, type LifeTimes } from './life';
import { recordLives, traceTable, type RecordedLives } from './life-trace';
import { processorTimeOf } from './proc';
import type { Subject } from './subject';
import type { Table } from './table';
import type { Workbench } from './workbench';

const WARM_UP_ROUNDS = 3;

/** A pod's whole life through the shim against the bare Docker calls for the same containers, in turns. */
export const lifeCost: Subject = {
  name: 'life',
  async alone(bench) {
    bench.progress("one pod's life: what the shim asks of Docker");
    const recorded = await recordLives(bench);
    const before = await processorTimeOf(bench.shim.pid);
    const { shim, bare } = await rounds(bench, recorded);
    const processorTime = (await processorTimeOf(bench.shim.pid)) - before;
    return [
      ratioTable(shim.map(totalOf), bare.map(totalOf), processorTime / (bench.options.rounds + WARM_UP_ROUNDS)),
      stepTable(shim, bare),
      traceTable(recorded),
    ];
  },
};

interface Lives {
  readonly shim: LifeTimes[];
  readonly bare: LifeTimes[];
}

async function rounds(bench: Workbench, { creates }: RecordedLives): Promise<Lives> {
  const lives: Lives = { shim: [], bare: [] };
  const sides = [
    async (into: Lives) => void into.shim.push(await liveThrough(bench.shim.cri, bench.kind)),
    async (into: Lives) => void into.bare.push(await liveBare(bench.engine, creates)),
  ];
  for (let round = -WARM_UP_ROUNDS; round < bench.options.rounds; round += 1) {
    const into = round < 0 ? { shim: [], bare: [] } : lives;
    // Who goes first changes, so that neither profits from what the other leaves behind.
    const inTurn = round % 2 === 0 ? sides : [...sides].reverse();
    for (const live of inTurn) {
      bench.signal.throwIfAborted();
      await live(into);
    }
    if (round >= 0 && (round + 1) % 10 === 0)
      bench.progress(`one pod's life: ${round + 1} of ${bench.options.rounds} rounds`);
  }
  return lives;
}

function ratioTable(shim: readonly number[], bare: readonly number[], processorTime: number): Table {
  const ratios = shim.map((ms, round) => ms / (bare[round] ?? Number.NaN));
  return {
    title: "One pod's whole life, with one container: the shim against the bare Docker calls",
    columns: ['', 'lives', 'p25', 'p50', 'p75'],
    rows: [
      ['shim, ms', shim.length, ...quartiles(shim)],
      ['bare Docker, ms', bare.length, ...quartiles(bare)],
      ['ratio of the medians', undefined, undefined, median(shim) / median(bare), undefined],
      ['ratio in each round', ratios.length, ...quartiles(ratios)],
      ['processor time of the shim, ms a life', undefined, undefined, processorTime, undefined],
    ],
  };
}

function quartiles(values: readonly number[]): number[] {
  return [0.25, 0.5, 0.75].map((share) => quantile(values, share));
}

function stepTable(shim: readonly LifeTimes[], bare: readonly LifeTimes[]): Table {
  const rows = LIFE.map((step) => {
    const [through, without] = [shim, bare].map((lives) => median(lives.map((life) => life.get(step) ?? Number.NaN)));
    return [step, through, without, (through ?? Number.NaN) - (without ?? Number.NaN)];
  });
  return { title: 'The steps of that life, p50 in ms', columns: ['', 'shim', 'bare Docker', 'difference'], rows };
}
