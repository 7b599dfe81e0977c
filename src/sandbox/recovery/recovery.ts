import type { Engine } from '../../docker/engine';
import { background, pause, type Background, type CallContext } from '../../lib/call-context';
import { kindOf, messageOf } from '../../lib/errors';
import type { KeyedMutex } from '../../lib/keyed-mutex';
import type { Log } from '../../lib/log';
import { RepeatedFailures } from '../../lib/repeated-failures';
import type { CheckpointStore } from '../../store/checkpoint';
import type { RunJournal } from '../../store/run-journal';
import { clearLeftOver } from '../run-entry';
import { collectGarbage, tearDownVanished, type GarbageNeeds } from './collect-garbage';
import { inTime } from './in-time';
import { mendCheckpoints, type MendNeeds } from './mend-checkpoints';
import { removeAccountsReaders } from './remove-accounts-readers';

/** Between two looks into the journal, in milliseconds. It is nearly always empty. */
const LOOK_AGAIN_MS = 5_000;
/** The longest between two attempts at a clean-up of the start that hangs, in milliseconds: the pause doubles till then. */
const LONGEST_PAUSE_MS = 60_000;
/** Between two looks for sandboxes that have vanished, in milliseconds: each lists the sandboxes of the engine. */
const TEAR_DOWN_AGAIN_MS = 60_000;

export interface RecoveryNeeds extends GarbageNeeds, MendNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly journal: Pick<RunJournal, 'unfinished' | 'end'>;
  readonly checkpoints: Pick<CheckpointStore, 'ids' | 'isSound' | 'read' | 'write' | 'remove'>;
}

type CleanUp = (needs: RecoveryNeeds, ctx: CallContext) => Promise<void>;

/** Of a clean-up that is done once, at the start. Times are of the clock of `performance`, in milliseconds. */
interface NextAttempt {
  readonly at: number;
  /** Between it and the one after it, if it hangs. */
  readonly pauseMs: number;
}

/**
 * Cleans up in the background what no call is at work on:
 * - runs that were cut off, by the end of an earlier life of the shim or by an engine that was away when a failed run
 *   was to be undone: what they left would look ready to a kubelet, without the pod's resolv.conf;
 * - sandboxes that have vanished from the engine;
 * - once, at the start: what belongs to no pod, missing checkpoints, and containers that were made to read an image.
 * Each thing has half a minute, and is then logged, once until it succeeds: one that Docker or a plugin hangs on does not
 * stop the others.
 */
export class Recovery {
  private readonly background: Background;
  /** Of runs by their names, of sandboxes by their ids, of whole clean-ups. */
  private readonly failures = {
    runs: new RepeatedFailures<string>(),
    sandboxes: new RepeatedFailures<string>(),
    cleanUps: new RepeatedFailures<CleanUp>(),
  };

  constructor(
    private readonly needs: RecoveryNeeds,
    log: Log,
  ) {
    this.background = background(log.with({ work: 'recovery' }));
  }

  start(): void {
    void this.watch(this.background);
  }

  stop(): void {
    this.background.stop();
  }

  /** Never throws: it ends when the shim stops. */
  private async watch(ctx: CallContext): Promise<void> {
    const { runs, sandboxes, cleanUps } = this.failures;
    const recoverRuns: CleanUp = (needs, bounded) => recoverSandboxes(needs, bounded, runs);
    const tearDown: CleanUp = (needs, bounded) => tearDownVanished(needs, bounded, sandboxes);
    let tornDownAt = -Infinity;
    const first: NextAttempt = { at: -Infinity, pauseMs: LOOK_AGAIN_MS };
    const atStart = new Map<CleanUp, NextAttempt>(
      [collectGarbage, mendCheckpoints, removeAccountsReaders].map((work) => [work, first]),
    );
    while (!ctx.signal.aborted) {
      // First what looks ready to a kubelet.
      try {
        await recoverRuns(this.needs, ctx);
        cleanUps.succeeded(recoverRuns);
      } catch (error) {
        if (ctx.signal.aborted) return;
        cleanUps.log(ctx.log, recoverRuns, 'the journal of runs cannot be read', { error: messageOf(error) });
      }
      if (performance.now() - tornDownAt >= TEAR_DOWN_AGAIN_MS && (await this.attempt(ctx, tearDown)) === 'done') {
        tornDownAt = performance.now();
      }
      for (const [work, { at, pauseMs }] of atStart) {
        if (performance.now() < at) continue;
        const outcome = await this.attempt(ctx, work);
        if (outcome === 'done') atStart.delete(work);
        // Calls may have to wait for each attempt, as ADD and DEL for GC.
        if (outcome === 'hung') atStart.set(work, later(pauseMs));
      }
      await pause(ctx, LOOK_AGAIN_MS).catch(() => undefined);
    }
  }

  /** It can't be done while the engine is away, which is logged elsewhere, or while it hangs. */
  private async attempt(ctx: CallContext, work: CleanUp): Promise<'done' | 'away' | 'hung'> {
    const { cleanUps } = this.failures;
    try {
      await work(this.needs, ctx);
      cleanUps.succeeded(work);
      return 'done';
    } catch (error) {
      const what = 'the clean-up will be tried again';
      const fields = { error: messageOf(error) };
      const hung = kindOf(error) === 'DeadlineExceeded';
      if (hung) cleanUps.log(ctx.log, work, what, fields);
      else ctx.log.debug(what, fields);
      return hung ? 'hung' : 'away';
    }
  }
}

/** The attempt that follows one that has just hung, after this pause in milliseconds. */
function later(pauseMs: number): NextAttempt {
  return { at: performance.now() + pauseMs, pauseMs: Math.min(2 * pauseMs, LONGEST_PAUSE_MS) };
}

/** Settles every run in the journal that no call is at work on. One that fails keeps its entry, for the next time. */
async function recoverSandboxes(
  needs: RecoveryNeeds,
  ctx: CallContext,
  failures: RepeatedFailures<string>,
): Promise<void> {
  const names = await needs.journal.unfinished();
  failures.keepOnly(new Set(names));
  for (const name of names) {
    if (needs.pods.isBusy(name)) continue;
    try {
      await inTime(ctx, 'removing it', (bounded) => recover(needs, bounded, name));
    } catch (error) {
      if (ctx.signal.aborted) return;
      failures.log(ctx.log, name, 'a half-made sandbox is not cleaned up yet', { name, error: messageOf(error) });
    }
  }
}

async function recover(needs: RecoveryNeeds, ctx: CallContext, name: string): Promise<void> {
  await needs.pods.run(ctx, name, async () => {
    // A run that was under way when the journal was read has ended its entry by now.
    const entries = await needs.journal.unfinished();
    if (entries.includes(name)) await clearLeftOver(needs, ctx, name);
  });
}
