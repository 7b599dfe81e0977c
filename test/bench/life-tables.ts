import { median, quantile } from './figures';
import { LIFE, totalOf, type LifeStep } from './life';
import type { Lives } from './lives-in-turns';
import type { Table } from './table';

/** A whole life on both sides. @param kind what pods they are, in words. @param processorTime of the shim, ms a life */
export function ratioTable(kind: string, lives: Lives, processorTime: number): Table {
  const [shim, bare] = [lives.shim.map(totalOf), lives.bare.map(totalOf)];
  const ratios = shim.map((ms, round) => ms / (bare[round] ?? Number.NaN));
  return {
    title: `One pod's whole life, ${kind}: the shim against the bare Docker calls`,
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

/** Each step's p50 on both sides. */
export function stepTable(kind: string, lives: Lives): Table {
  const rows = LIFE.map((step) => {
    const [through, without] = [timesOf(lives.shim, step), timesOf(lives.bare, step)].map(median);
    return [step, through, without, (through ?? Number.NaN) - (without ?? Number.NaN)];
  });
  return { title: `The steps of that life, ${kind}, p50 in ms`, columns: ['', 'shim', 'bare', 'difference'], rows };
}

/** How long a step took in each life, in milliseconds. */
export function timesOf(lives: Lives[keyof Lives], step: LifeStep): number[] {
  return lives.map((life) => life.get(step) ?? Number.NaN);
}

export function quartiles(values: readonly number[]): number[] {
  return [0.25, 0.5, 0.75].map((share) => quantile(values, share));
}
