import type { CallContext } from './call-context';
import { untilEnded } from './until-ended';

/**
 * Work that goes on side by side, and work that must be alone. Work that must be alone waits for what is running, and
 * what comes meanwhile waits for it.
 * INVARIANT: `shared` holds a promise only while its work runs, so it is empty when the shim is idle.
 */
export class SharedLock {
  private readonly shared = new Set<Promise<unknown>>();
  private alone: Promise<unknown> = Promise.resolve();

  /** Runs `work` beside others. Rejects with the context's reason when that ends before the work may begin. */
  async runShared<T>(ctx: CallContext, work: () => Promise<T>): Promise<T> {
    let waitedFor: Promise<unknown> | undefined;
    while (waitedFor !== this.alone) {
      waitedFor = this.alone;
      await untilEnded(ctx, waitedFor);
    }
    const running = work();
    this.shared.add(running);
    try {
      return await running;
    } finally {
      this.shared.delete(running);
    }
  }

  /** Runs `work` when nothing else does. Rejects with the context's reason when that ends before the work may begin. */
  async runAlone<T>(ctx: CallContext, work: () => Promise<T>): Promise<T> {
    const previous = this.alone;
    const before = Promise.allSettled([previous, ...this.shared]);
    const running = untilEnded(ctx, before).then(work);
    // Who gives up waiting must not let others pass what it waited for.
    this.alone = running.catch(() => previous);
    return await running;
  }
}
