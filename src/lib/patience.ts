import { throwIfEnded, withLimit, type CallContext } from './call-context';
import { untilEnded } from './until-ended';

/**
 * How long to wait for somebody who may be slow, or hang, where there is a way to do without the answer. Once one has
 * waited in vain, the next ones don't wait: they take an answer that is there, until there is one again.
 */
export class Patience {
  private isLate = false;

  /**
   * @param ms greater than 0
   * @param what is waited for
   */
  constructor(
    private readonly ms: number,
    private readonly what: string,
  ) {}

  /**
   * The answer, or undefined when it fails or is late.
   * @throws the context's reason when that has ended
   */
  async waitFor<T>(ctx: CallContext, ask: (ctx: CallContext) => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await withLimit(ctx, this.isLate ? 0 : this.ms, this.what, (patient) =>
        untilEnded(patient, ask(patient)),
      );
      this.isLate = false;
      return answer;
    } catch {
      throwIfEnded(ctx);
      this.isLate = true;
      return undefined;
    }
  }
}
