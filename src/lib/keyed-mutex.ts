import type { CallContext } from './call-context';
import { untilEnded } from './until-ended';

/**
 * One at a time per key, in order of arrival; different keys never wait for each other.
 * INVARIANT: `tails` holds a key only while work on it is queued or running, so it is empty when the shim is idle.
 */
export class KeyedMutex {
  private readonly tails = new Map<string, Promise<void>>();

  /**
   * Runs `work` when everything queued before it for `key` has ended. A caller whose context ends while it waits
   * leaves the queue with the context's reason, and those behind it keep their places. `work` is told whether it had to
   * wait: then what was known before may not be true any more.
   */
  async run<T>(ctx: CallContext, key: string, work: (waited: boolean) => Promise<T>): Promise<T> {
    const waited = this.tails.has(key);
    const before = this.tails.get(key) ?? Promise.resolve();
    let release!: () => void;
    const mine = new Promise<void>((resolve) => (release = resolve));
    const tail = before.then(() => mine);
    this.tails.set(key, tail);
    void tail.then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    try {
      await untilEnded(ctx, before);
      return await work(waited);
    } finally {
      release();
    }
  }

  /** Whether work on the key is queued or running: then `run` would wait. */
  isBusy(key: string): boolean {
    return this.tails.has(key);
  }

  /** How many keys are busy: for tests. */
  get size(): number {
    return this.tails.size;
  }
}
