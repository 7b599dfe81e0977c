import type { CallContext } from './call-context';
import { withDetached } from './call-context';
import { messageOf } from './errors';

/** How long the undoing of one piece of work may take altogether, in milliseconds. */
const UNDO_TIMEOUT_MS = 60_000;

type Undo = (ctx: CallContext) => Promise<unknown>;

/**
 * The undo list of a transaction. Each step that made something pushes what unmakes it; on failure the list runs from
 * the last to the first, in a context of its own, because the call's may be the very thing that ended.
 */
export class Rollback {
  private readonly steps: { what: string; undo: Undo }[] = [];

  push(what: string, undo: Undo): void {
    this.steps.push({ what, undo });
  }

  /** Runs every undo, also when one fails: that is logged, and what it left stays for a later clean-up. */
  async undo(ctx: CallContext): Promise<void> {
    await withDetached(ctx.log, UNDO_TIMEOUT_MS, 'undoing', async (fresh) => {
      for (const { what, undo } of this.steps.splice(0).reverse()) {
        try {
          await undo(fresh);
        } catch (error) {
          ctx.log.warn('an undo step failed', { step: what, error: messageOf(error) });
        }
      }
    });
  }
}
