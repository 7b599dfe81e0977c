import type { CallContext } from './call-context';

/** Waits for work that others may be waiting for too: its result, or the context's reason as soon as that ends. */
export function untilEnded<T>(ctx: Pick<CallContext, 'signal'>, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(ctx.signal.reason as Error);
    if (ctx.signal.aborted) end();
    else ctx.signal.addEventListener('abort', end, { once: true });
    // Also for a caller that has left: a failure that nobody listens to would end the process.
    work
      .then(resolve, reject)
      .finally(() => ctx.signal.removeEventListener('abort', end))
      .catch(() => undefined);
  });
}
