import type { Engine } from '../../docker/engine';
import type { EngineRuntimes } from '../../docker/engine-facts';
import type { ContainerInspect } from '../../docker/types';
import { withDetached, type CallContext } from '../../lib/call-context';
import { isNotFound, kindOf, messageOf } from '../../lib/errors';
import { FreshRuns } from '../../lib/fresh-runs';
import type { Log } from '../../lib/log';
import { Patience } from '../../lib/patience';
import { Slots } from '../../lib/slots';
import { untilEnded } from '../../lib/until-ended';
import { kindOfContainer } from '../../translate/labels';
import { hasEnded, inspectedContainer, inspectedSandbox, isTold, type NodeRecord } from '../node-record';
import type { OutputDrain } from './output-drain';
import type { Question, Records } from './records';

/** How long Docker may take to tell of one container, in milliseconds. */
const LOOK_TIMEOUT_MS = 2_000;
/** How long of that is waited for what the engine calls its runtimes, in milliseconds. */
const RUNTIMES_PATIENCE_MS = 500;
/** How many containers are looked at side by side, and how long one may keep others waiting, in milliseconds. */
const SLOTS = 8;
const SLOT_PATIENCE_MS = 200;
/** How long the end of a container may be kept back for its last output, in milliseconds. */
const END_KEPT_BACK_MS = 5_000;

/** What to show of a container that Docker can't inspect: what is known from elsewhere, if anything. */
export type SecondBest = (known: NodeRecord | undefined) => NodeRecord | undefined;

export interface LooksNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly records: Records;
  /** Whether the kernel says that it killed a process of the container for want of memory. */
  readonly oomKilled: (containerId: string) => boolean;
  /** What is known of the engine's runtimes. A look waits a little for it, and does without. */
  readonly runtimes: (ctx: CallContext) => Promise<EngineRuntimes>;
  readonly drain: OutputDrain;
  readonly log: Log;
}

/**
 * Looks at containers, one by one, and records what Docker says. Each look ends within a bound, and one that hangs holds
 * up no other: its container is shown as it was last known, and stays among the unsure.
 * INVARIANT: at most one look at a container is under way and one waits; `secondBest` holds an id only while one waits,
 * and `unsure` those at which the last look got no answer: the next that gets one, be it that there is none, takes them out.
 * `guessed` holds those whose last answer came before the runtimes were known.
 */
export class Looks {
  private readonly unsure = new Set<string>();
  private readonly secondBest = new Map<string, SecondBest>();
  private knownRuntimes: EngineRuntimes | undefined;
  private readonly patience = new Patience(RUNTIMES_PATIENCE_MS, 'asking for the runtimes');
  /** Those that were recorded before the runtimes were known. */
  private readonly guessed = new Set<string>();
  private readonly slots = new Slots(SLOTS, SLOT_PATIENCE_MS);
  private readonly runs = new FreshRuns((id) => this.look(id));

  constructor(private readonly needs: LooksNeeds) {}

  /**
   * Looks at the container, after now.
   * @param secondBest in place of that of an earlier event, if both wait for one look
   * @throws ShimError Unavailable without an engine, and what Docker failed with for a container of which nothing is known
   */
  at(id: string, secondBest?: SecondBest): Promise<void> {
    if (secondBest !== undefined) this.secondBest.set(id, secondBest);
    return this.runs.run(id);
  }

  /** The container is gone: no look that is under way brings it back. */
  forget(id: string): void {
    this.unsure.delete(id);
    this.guessed.delete(id);
    this.needs.records.remove(id);
  }

  /** The look under way, if there is one. */
  underWay(id: string): Promise<void> | undefined {
    return this.runs.current(id);
  }

  /** Resolves when the looks that were asked for until now have ended, also those without an answer. */
  async settled(id: string): Promise<void> {
    await this.runs.last(id)?.catch(() => undefined);
  }

  /** Whether what is recorded is what Docker said at the last look, and no other look is under way. */
  isSettled(id: string): boolean {
    return this.underWay(id) === undefined && !this.unsure.has(id);
  }

  /** The containers to look at again: Docker could not inspect them at the last look, or not tell of their runtimes. */
  unsureOnes(): readonly string[] {
    const guessed = [...this.guessed].filter((id) => !this.unsure.has(id));
    // One finds out whether more is known.
    return [...this.unsure, ...(this.knownRuntimes === undefined ? guessed.slice(0, 1) : guessed)];
  }

  private async look(id: string): Promise<void> {
    const { records } = this.needs;
    const secondBest = this.secondBest.get(id);
    this.secondBest.delete(id);
    const question = records.ask();
    try {
      const record = await this.inspect(id);
      if (record !== undefined) await this.show(record, question);
      this.unsure.delete(id);
    } catch (error) {
      if (isNotFound(error)) this.forget(id);
      else this.makeDo(id, question, secondBest, error);
    } finally {
      records.answered(question);
    }
  }

  private inspect(id: string): Promise<NodeRecord | undefined> {
    return this.slots.run(() =>
      withDetached(this.needs.log, LOOK_TIMEOUT_MS, `the inspect of container ${id}`, async (ctx) =>
        this.read(ctx, await this.needs.engine.inspectContainer(ctx, id)),
      ),
    );
  }

  private async read(ctx: CallContext, container: ContainerInspect): Promise<NodeRecord | undefined> {
    const kind = kindOfContainer(container.Config.Labels);
    if (kind === undefined) return undefined;
    const known = await this.runtimes(ctx);
    if (known === undefined) this.guessed.add(container.Id);
    else this.guessed.delete(container.Id);
    // As if it had the default one: what is no handler must not be stated as one.
    const runtimes = known ?? { names: [], default: container.HostConfig.Runtime ?? '', recursiveReadOnly: [] };
    if (kind === 'podsandbox') return inspectedSandbox(container, runtimes);
    return inspectedContainer(container, this.needs.oomKilled, runtimes);
  }

  /**
   * `docker info` may be slow, or hang, where inspects are fast: then as they were before a restart of the engine, and
   * undefined before anything is known of them.
   */
  private async runtimes(ctx: CallContext): Promise<EngineRuntimes | undefined> {
    this.knownRuntimes = (await this.patience.waitFor(ctx, this.needs.runtimes)) ?? this.knownRuntimes;
    return this.knownRuntimes;
  }

  private async show(record: NodeRecord, question: Question): Promise<void> {
    if (this.endsNow(record)) await this.drain(record.id);
    this.needs.records.put(record, question);
  }

  private endsNow(record: NodeRecord): boolean {
    if (record.kind !== 'container' || !hasEnded(record)) return false;
    const known = this.needs.records.get(record.id);
    return known?.kind !== 'container' || !hasEnded(known) || !isTold(known);
  }

  private async drain(id: string): Promise<void> {
    const { drain, log } = this.needs;
    try {
      await withDetached(log, END_KEPT_BACK_MS, 'writing the last output', (ctx) =>
        untilEnded(ctx, drain.drained(id, ctx)),
      );
    } catch (error) {
      log.warn('the log of a container that has ended may lack its end', { container: id, error: messageOf(error) });
    }
  }

  private makeDo(id: string, question: Question, secondBest: SecondBest | undefined, error: unknown): void {
    const { records, log } = this.needs;
    const isNew = !this.unsure.has(id);
    this.unsure.add(id);
    const shown = secondBest?.(records.get(id));
    if (shown !== undefined) records.put(shown, question);
    if (kindOf(error) === 'Unavailable' || records.get(id) === undefined) throw error;
    if (isNew) log.warn('docker cannot tell of a container', { container: id, error: messageOf(error) });
  }
}
