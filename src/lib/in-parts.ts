import { setImmediate } from 'node:timers/promises';
import { throwIfEnded, type CallContext } from './call-context';

/** So few that something is done with each in a few milliseconds, in which nothing else runs, and takes little memory. */
const ITEMS_PER_PART = 25;

/**
 * A long list part by part, for quick synchronous work on each; others have their turn in between. An empty list has no
 * part.
 * @throws the context's reason, between two parts
 */
export async function* inParts<Item>(ctx: CallContext, items: readonly Item[]): AsyncGenerator<Item[]> {
  for (let at = 0; at < items.length; at += ITEMS_PER_PART) {
    if (at > 0) await setImmediate();
    throwIfEnded(ctx);
    yield items.slice(at, at + ITEMS_PER_PART);
  }
}
