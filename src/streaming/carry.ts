import type { Readable, Writable } from 'node:stream';

/** What is carried, in bytes, before others have their turn: a socket that always has more would keep them waiting. */
const TURN = 128 * 1024;

/** What a part counts as besides, in bytes: to hand on a tiny one takes as long as so much data. */
const PART_COST = 512;

/**
 * Writes all that is read, at the pace of the slower side, and ends with it unless `end` is false. Like pipe(), but gives
 * way to others, and hands over together what comes together: one read of a SPDY connection has parts of several frames.
 * @returns what stops it; nothing more is written then
 */
export function carry(from: Readable, to: Writable, { end = true } = {}): () => void {
  let sinceTurn = 0;
  let corked = false;
  const goOn = (): void => {
    sinceTurn = 0;
    from.resume();
  };
  const take = (part: Buffer): void => {
    if (!corked) {
      corked = true;
      to.cork();
      process.nextTick(() => {
        corked = false;
        to.uncork();
      });
    }
    const takesMore = to.write(part);
    sinceTurn += part.length + PART_COST;
    if (takesMore && sinceTurn < TURN) return;
    from.pause();
    if (takesMore) setImmediate(goOn);
    else to.once('drain', goOn);
  };
  const finish = (): void => void to.end();
  from.on('data', take);
  if (end) from.once('end', finish);
  from.resume();
  return () => {
    from.off('data', take).off('end', finish);
    to.off('drain', goOn);
  };
}
