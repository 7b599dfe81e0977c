import { setImmediate } from 'node:timers/promises';
import { throwIfEnded, type CallContext } from './call-context';

/** So few that a part is made in a few milliseconds, in which nothing else runs, and takes little memory. */
const ITEMS_PER_PART = 25;

/** What is made of a long list, part by part; others have their turn in between. Nothing of an empty one. */
export async function* inParts<Item, Part>(
  ctx: CallContext,
  items: readonly Item[],
  make: (some: Item[]) => Part,
): AsyncGenerator<Part> {
  for (let at = 0; at < items.length; at += ITEMS_PER_PART) {
    if (at > 0) await setImmediate();
    throwIfEnded(ctx);
    yield make(items.slice(at, at + ITEMS_PER_PART));
  }
}
