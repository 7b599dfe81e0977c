import type { CallContext } from '../../src/lib/call-context';

/** What hangs: it never answers, and fails with the context's reason when that ends. */
export function untilGivenUp(ctx: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error), { once: true });
  });
}
