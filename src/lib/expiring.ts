import type { CallContext } from './call-context';
import { SingleFlight } from './single-flight';

/**
 * A value that is expensive to ask for and may be a little old. One question is on its way at a time; a failure is not
 * kept.
 */
export class Expiring<T> {
  private value: { readonly it: T; readonly until: number } | undefined;
  private readonly asking = new SingleFlight<T>();
  /** Counts up with `forget`: an answer to a question of an earlier one is not kept, and nobody joins it. */
  private generation = 0;

  /** Answers from memory for `lifetimeMs` milliseconds after each answer. */
  constructor(
    private readonly ask: (ctx: CallContext) => Promise<T>,
    private readonly lifetimeMs: number,
  ) {}

  async get(ctx: CallContext): Promise<T> {
    if (this.value !== undefined && this.value.until > performance.now()) return this.value.it;
    const { generation } = this;
    return await this.asking.run(ctx, String(generation), async (shared) => {
      const it = await this.ask(shared);
      if (generation === this.generation) this.value = { it, until: performance.now() + this.lifetimeMs };
      return it;
    });
  }

  /** The next `get` asks anew. */
  forget(): void {
    this.value = undefined;
    this.generation += 1;
  }
}
