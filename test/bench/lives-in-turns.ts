import type { LifeTimes } from './life';
import type { Workbench } from './workbench';

export const WARM_UP_ROUNDS = 3;

/** Both sides' lives: those with the same index are of the same round. */
export interface Lives {
  readonly shim: LifeTimes[];
  readonly bare: LifeTimes[];
}

/** Lives through the shim and bare ones in turns, after some that don't count. */
export async function livesInTurns(
  bench: Workbench,
  liveThroughShim: () => Promise<LifeTimes>,
  liveBare: () => Promise<LifeTimes>,
): Promise<Lives> {
  const lives: Lives = { shim: [], bare: [] };
  const sides = [
    async (into: Lives) => void into.shim.push(await liveThroughShim()),
    async (into: Lives) => void into.bare.push(await liveBare()),
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
