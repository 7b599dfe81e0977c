import type { Engine } from '../docker/engine';
import { pause, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { Log } from '../lib/log';
import type { CheckpointStore } from '../store/checkpoint';
import type { RunJournal } from '../store/run-journal';
import { settleTakenName } from './taken-name';

/** Between two tries, in milliseconds: while no engine answers there is nothing to recover. */
const TRY_AGAIN_MS = 5_000;

export interface RecoveryNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'remove'>;
  readonly journal: RunJournal;
}

/** The clean-up after an earlier life of the shim: it runs once, as soon as an engine answers. */
export class Recovery {
  private readonly controller = new AbortController();

  constructor(
    private readonly needs: RecoveryNeeds,
    private readonly log: Log,
  ) {}

  start(): void {
    void this.untilDone({ signal: this.controller.signal, log: this.log.with({ work: 'recovery' }) });
  }

  stop(): void {
    this.controller.abort(new ShimError('Cancelled', 'the shim is stopping'));
  }

  /** Never throws: it ends when it is done or the shim stops. */
  private async untilDone(ctx: CallContext): Promise<void> {
    // Runs that begin from now on look after themselves.
    const cutOff = await this.needs.journal.unfinished().catch(() => []);
    while (cutOff.length > 0 && !ctx.signal.aborted) {
      try {
        await recoverSandboxes(this.needs, ctx, cutOff);
        return;
      } catch (error) {
        if (ctx.signal.aborted) return;
        ctx.log.warn('half-made sandboxes are not cleaned up yet', { error: messageOf(error) });
        await pause(ctx, TRY_AGAIN_MS).catch(() => undefined);
      }
    }
  }
}

/**
 * Removes the half-made sandboxes of runs that were cut off. They would look ready to a kubelet, without their
 * resolv.conf. One that a client runs anew meanwhile was settled by that run.
 */
export async function recoverSandboxes(
  needs: RecoveryNeeds,
  ctx: CallContext,
  cutOff: readonly string[],
): Promise<void> {
  for (const name of cutOff) {
    await needs.pods.run(ctx, name, async () => {
      const entries = await needs.journal.unfinished();
      if (!entries.includes(name)) return;
      await settleTakenName(needs, ctx, name, true);
      await needs.journal.end(name);
    });
  }
}
