import { withDetached, type CallContext } from './call-context';
import { messageOf } from './errors';
import type { Log } from './log';
import { SingleFlight } from './single-flight';

/** How long a question that is asked behind its callers' backs may take, in milliseconds. */
const BEHIND_MS = 10_000;

/**
 * A value that is expensive to ask for and may be a little old. One question is on its way at a time; a failure is not
 * kept.
 */
export class Expiring<T> {
  private value: { readonly it: T; readonly until: number } | undefined;
  private readonly asking = new SingleFlight<T>();
  /** The generation for which a question is under way behind its callers' backs. */
  private askedBehind: number | undefined;
  /** Counts up with `forget`: an answer to a question of an earlier one is not kept, and nobody joins it. */
  private generation = 0;

  /**
   * Answers from memory for `lifetimeMs` milliseconds after each answer. A question behind its callers' backs may take
   * `behindMs` milliseconds.
   */
  constructor(
    private readonly ask: (ctx: CallContext) => Promise<T>,
    private readonly lifetimeMs: number,
    private readonly behindMs = BEHIND_MS,
  ) {}

  async get(ctx: CallContext): Promise<T> {
    if (this.value !== undefined && !this.isOld()) return this.value.it;
    const { generation } = this;
    return await this.asking.run(ctx, String(generation), async (shared) => {
      const it = await this.ask(shared);
      if (generation === this.generation) this.value = { it, until: performance.now() + this.lifetimeMs };
      return it;
    });
  }

  /**
   * The last answer, however old it is: for those who have little time. Only the first, and the first after `forget`, is
   * waited for. What is asked for, also instead of an old one, is asked to the end when the caller has left.
   */
  async last(ctx: CallContext): Promise<T> {
    if (this.isOld() && this.askedBehind !== this.generation) void this.askBehind(ctx.log);
    return this.value === undefined ? await this.get(ctx) : this.value.it;
  }

  /** The next `get` or `last` asks anew. */
  forget(): void {
    this.value = undefined;
    this.generation += 1;
  }

  private isOld(): boolean {
    return this.value === undefined || this.value.until <= performance.now();
  }

  /** Never throws: those who wait for the answer are told of a failure. */
  private async askBehind(log: Log): Promise<void> {
    const { generation } = this;
    this.askedBehind = generation;
    try {
      await withDetached(log, this.behindMs, 'asking anew', (ctx) => this.get(ctx));
    } catch (error) {
      log.debug('what is known remains, however old', { error: messageOf(error) });
    } finally {
      if (this.askedBehind === generation) this.askedBehind = undefined;
    }
  }
}
