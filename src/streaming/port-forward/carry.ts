import type { Readable, Writable } from 'node:stream';

/** What is carried, in bytes, before others have their turn: a socket that always has more would keep them waiting. */
const TURN = 128 * 1024;

/**
 * Writes all that is read, at the pace of the slower side, and ends with it. Like pipe(), but gives way to others, and
 * hands over together what comes together: one read of a SPDY connection has parts of several frames.
 */
export function carry(from: Readable, to: Writable): void {
  let sinceTurn = 0;
  let corked = false;
  const goOn = (): void => {
    sinceTurn = 0;
    from.resume();
  };
  from.on('data', (part: Buffer) => {
    if (!corked) {
      corked = true;
      to.cork();
      process.nextTick(() => {
        corked = false;
        to.uncork();
      });
    }
    const takesMore = to.write(part);
    sinceTurn += part.length;
    if (takesMore && sinceTurn < TURN) return;
    from.pause();
    if (takesMore) setImmediate(goOn);
    else to.once('drain', goOn);
  });
  from.once('end', () => to.end());
  from.resume();
}
