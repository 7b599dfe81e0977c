import { liveBare } from './bare-life';
import { liveThrough } from './life';
import { ratioTable, stepTable } from './life-tables';
import { recordLives, traceTable } from './life-trace';
import { livesInTurns, WARM_UP_ROUNDS } from './lives-in-turns';
import { processorTimeOf } from './proc';
import type { Subject } from './subject';

const KIND = 'with one container';

/** A pod's whole life through the shim against the bare Docker calls for the same containers, in turns. */
export const lifeCost: Subject = {
  name: 'life',
  async alone(bench) {
    bench.progress("one pod's life: what the shim asks of Docker");
    const recorded = await recordLives(bench);
    const before = await processorTimeOf(bench.shim.pid);
    const lives = await livesInTurns(
      bench,
      () => liveThrough(bench.shim.cri, bench.kind),
      () => liveBare(bench.engine, recorded.creates),
    );
    const processorTime = (await processorTimeOf(bench.shim.pid)) - before;
    return [
      ratioTable(KIND, lives, processorTime / (bench.options.rounds + WARM_UP_ROUNDS)),
      stepTable(KIND, lives),
      traceTable(recorded),
    ];
  },
};
