import type { Engine } from '../docker/engine';
import { pause, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { Log } from '../lib/log';
import type { RunJournal } from '../store/run-journal';
import { collectGarbage, type GarbageNeeds } from './collect-garbage';
import { settleTakenName } from './taken-name';

/** Between two looks into the journal, in milliseconds. It is nearly always empty. */
const LOOK_AGAIN_MS = 5_000;

export interface RecoveryNeeds extends GarbageNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly journal: RunJournal;
}

/**
 * The clean-up, at the start, of sandboxes that are gone, and always of runs that were cut off: by the end of an earlier life of the shim, or by an engine that was away when a
 * failed run was to be undone. What they left would look ready to a kubelet, without its resolv.conf.
 */
export class Recovery {
  private readonly controller = new AbortController();

  constructor(
    private readonly needs: RecoveryNeeds,
    private readonly log: Log,
  ) {}

  start(): void {
    void this.watch({ signal: this.controller.signal, log: this.log.with({ work: 'recovery' }) });
  }

  stop(): void {
    this.controller.abort(new ShimError('Cancelled', 'the shim is stopping'));
  }

  /** Never throws: it ends when the shim stops. */
  private async watch(ctx: CallContext): Promise<void> {
    let collected = false;
    while (!ctx.signal.aborted) {
      collected ||= await this.collect(ctx);
      await recoverSandboxes(this.needs, ctx).catch((error: unknown) => {
        if (!ctx.signal.aborted) ctx.log.warn('the journal of runs can not be read', { error: messageOf(error) });
      });
      await pause(ctx, LOOK_AGAIN_MS).catch(() => undefined);
    }
  }

  /** Answers whether it is done: it can not be before the engine answers, which others say loud enough. */
  private async collect(ctx: CallContext): Promise<boolean> {
    try {
      await collectGarbage(this.needs, ctx);
      return true;
    } catch (error) {
      ctx.log.debug('sandboxes that are gone can not be told yet', { error: messageOf(error) });
      return false;
    }
  }
}

/** Settles every run in the journal that no call is at work on. One that fails keeps its entry, for the next time. */
export async function recoverSandboxes(needs: RecoveryNeeds, ctx: CallContext): Promise<void> {
  for (const name of await needs.journal.unfinished()) {
    try {
      await needs.pods.run(ctx, name, () => recover(needs, ctx, name));
    } catch (error) {
      if (ctx.signal.aborted) return;
      ctx.log.warn('a half-made sandbox is not cleaned up yet', { name, error: messageOf(error) });
    }
  }
}

/** Under the pod's lock: a run that was under way when the journal was read has ended its entry by now. */
async function recover(needs: RecoveryNeeds, ctx: CallContext, name: string): Promise<void> {
  const entries = await needs.journal.unfinished();
  if (!entries.includes(name)) return;
  await settleTakenName(needs, ctx, name, true);
  await needs.journal.end(name);
}
