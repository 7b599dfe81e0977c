import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { CallContext } from '../../lib/call-context';

/** How long to wait for something that is not sure to come, in milliseconds. */
export interface Patience {
  /** The longest wait in any case; unbounded when it is not given. */
  readonly ms?: number;
  /** The longest wait after the context has ended, or from now on if it has already. */
  readonly afterEndMs: number;
}

/** Waits for `work`, however it ends, as long as there is patience. */
export function patiently(ctx: CallContext, work: Promise<unknown>, patience: Patience): Promise<void> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const stop = (): void => {
      ctx.signal.removeEventListener('abort', hurry);
      for (const timer of timers) clearTimeout(timer);
      resolve();
    };
    const hurry = (): void => void timers.push(setTimeout(stop, patience.afterEndMs));
    if (patience.ms !== undefined) timers.push(setTimeout(stop, patience.ms));
    if (ctx.signal.aborted) hurry();
    else ctx.signal.addEventListener('abort', hurry, { once: true });
    work.then(stop, stop);
  });
}

/** Waits until all that was written has gone out, or never will because the streams are destroyed. */
export async function allWritten(streams: readonly Writable[]): Promise<void> {
  await Promise.allSettled(streams.map((stream) => finished(stream, { readable: false })));
}
