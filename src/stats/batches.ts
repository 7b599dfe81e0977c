import { setImmediate } from 'node:timers/promises';
import { throwIfEnded, type CallContext } from '../lib/call-context';

/** How many containers are read in a row: a few milliseconds in which nothing else runs. */
const IN_A_ROW = 16;

/** Does quick synchronous work on each, and lets others have their turn in between. */
export async function inBatches<T>(ctx: CallContext, items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    if (done > 0 && done % IN_A_ROW === 0) {
      await setImmediate();
      throwIfEnded(ctx);
    }
    work(item);
    done += 1;
  }
}
