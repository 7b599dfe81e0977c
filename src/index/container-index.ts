import type { Engine } from '../docker/engine';
import type { EngineEvent } from '../docker/engine-event';
import type { CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import { isWholeId } from '../translate/checks';
import type { PodMoment } from './cri-events/pod-events';
import { checkIdOf, checkTold, containerOf, sandboxOf } from './find-container';
import { isCreated, isInspected, isTold, stated } from './node-record';
import type { NodeContainer, NodeRecord, NodeSandbox } from './node-record';
import { isOurs, isToldAlready, toldByEvent } from './sync/container-event';
import { InStep } from './sync/in-step';
import { Looks, type LooksNeeds } from './sync/looks';
import { Records, type Counts, type RecordChange } from './sync/records';
import { survey } from './sync/survey';

/** How long an event may still be on its way when Docker's list already shows the change, in milliseconds. */
const EVENTS_LAG_MS = 1_000;

type Wanted = (record: NodeRecord) => boolean;

export interface ContainerIndexNeeds extends Omit<LooksNeeds, 'records'> {
  readonly engine: Pick<Engine, 'listContainers' | 'inspectContainer'>;
  readonly onChange: RecordChange;
}

/**
 * The pods and containers of the node in memory. Docker's events say which to look at again; the shim's own calls wait
 * until what they did is shown here (indexed-engine.ts). In step with Docker, reads ask it nothing.
 *
 * The words of sync/:
 *   look      one inspect of one container, and the record made of it
 *   survey    a comparison of all records with Docker's list
 *   question  a look or a survey under way, numbered: an older one's answer never replaces a newer one's
 *   unsure    of a container: the last look at it got no answer
 *   settled   of a container: neither unsure nor being looked at
 *   in step   events flow, and a survey has succeeded since they began to: what is recorded is what Docker would answer
 */
export class ContainerIndex {
  private readonly records: Records;
  private readonly looks: Looks;
  private readonly step: InStep;
  /** What was changed and is not shown yet, by container. INVARIANT: an entry goes when its look ends, within a bound. */
  private readonly unread = new Map<string, Promise<void>>();
  private drifted = 0;

  constructor(private readonly needs: ContainerIndexNeeds) {
    this.records = new Records(needs.onChange);
    this.looks = new Looks({ ...needs, records: this.records });
    this.step = new InStep(async () => void (await this.compare(0)));
  }

  /** How many containers were found to be recorded wrongly while events flowed. */
  get drift(): number {
    return this.drifted;
  }

  /** Whether reads are answered without Docker. */
  get isInStep(): boolean {
    return this.step.isReached;
  }

  /** How many are known, and how many of them run: for metrics. */
  counts(): Counts {
    return this.records.counts();
  }

  /** The newest first. */
  async containers(ctx: CallContext): Promise<readonly NodeContainer[]> {
    await this.step.reach(ctx);
    return this.records.containers();
  }

  /** The newest first. */
  async sandboxes(ctx: CallContext): Promise<readonly NodeSandbox[]> {
    await this.step.reach(ctx);
    return this.records.sandboxes();
  }

  /** The same as they are recorded, in step or not: for those who do with what is known. */
  sandboxesNow(): readonly NodeSandbox[] {
    return this.records.sandboxes();
  }

  /** The containers of a pod, without its pause container. */
  async members(ctx: CallContext, sandboxId: string): Promise<readonly NodeContainer[]> {
    const ofPod = async () => (await this.containers(ctx)).filter((one) => one.sandboxId === sandboxId);
    const members = await ofPod();
    const unread = members.flatMap(({ id }) => this.unread.get(id) ?? []);
    if (unread.length === 0) return members;
    await untilEnded(ctx, Promise.all(unread));
    return await ofPod();
  }

  /** The same for those who are about to end the pod: also what Docker could tell nothing of yet but that it is there. */
  async allMembers(ctx: CallContext, sandboxId: string): Promise<readonly NodeContainer[]> {
    const isUntold = (id: string): boolean => this.records.get(id) === undefined;
    if (this.looks.unsureOnes().some(isUntold)) await untilEnded(ctx, this.step.compareAgain());
    return await this.members(ctx, sandboxId);
  }

  /** The container with this id, or with the one id that begins so. @throws ShimError NotFound */
  async container(ctx: CallContext, id: string): Promise<NodeContainer> {
    return containerOf(await this.find(ctx, 'container', id), id);
  }

  /** The sandbox with this id, or with the one id that begins so. @throws ShimError NotFound */
  async sandbox(ctx: CallContext, id: string): Promise<NodeSandbox> {
    return sandboxOf(await this.find(ctx, 'podsandbox', id), id);
  }

  /**
   * `container` for those who state it as fact: looked at first, if nobody has told how it ended.
   * @throws ShimError NotFound; Unavailable when Docker can't tell, for a minute at most
   */
  async toldContainer(ctx: CallContext, id: string): Promise<NodeContainer> {
    return containerOf(await this.told(ctx, await this.container(ctx, id)), id);
  }

  /** `sandbox` in the same way, if it runs and nobody has told its address. */
  async toldSandbox(ctx: CallContext, id: string): Promise<NodeSandbox> {
    return sandboxOf(await this.told(ctx, await this.sandbox(ctx, id)), id);
  }

  /** `members` in the same way. */
  async toldMembers(ctx: CallContext, sandboxId: string): Promise<readonly NodeContainer[]> {
    const asked = (await this.members(ctx, sandboxId)).map((one) => this.told(ctx, one));
    return (await Promise.all(asked)).filter((one) => one?.kind === 'container');
  }

  /**
   * The same for those who are about to change it: as Docker told of it last, after all looks that were asked for. Without
   * `details` when Docker can't tell, unless it has ended: its process may have gone, and the number be another's by now.
   * @throws ShimError NotFound; Unavailable without an engine
   */
  async settledSandbox(ctx: CallContext, id: string): Promise<NodeSandbox> {
    const record = sandboxOf(await this.settled(ctx, await this.sandbox(ctx, id)), id);
    return this.isSure(record.id) || !record.running ? record : { ...record, details: undefined };
  }

  /** The same of a container, but that what Docker can't tell is as it was known. */
  async settledContainer(ctx: CallContext, id: string): Promise<NodeContainer> {
    return containerOf(await this.settled(ctx, await this.container(ctx, id)), id);
  }

  /** A pod as it is recorded, in step or not: for those who were just told of a change. */
  podNow(sandboxId: string): PodMoment {
    const sandbox = this.records.get(sandboxId);
    const members = this.records.containers().filter((container) => container.sandboxId === sandboxId);
    return { sandbox: sandbox?.kind === 'podsandbox' ? sandbox : undefined, members: members.map(stated) };
  }

  /**
   * For what changes a container: returns when the index shows it as wanted, or as it is at a look after now, or the
   * context ends. Never throws; what can't be looked at is left to the events.
   */
  async shows(ctx: CallContext, id: string, wanted: Wanted): Promise<void> {
    await untilEnded(ctx, this.shown(id, wanted)).catch(() => undefined);
  }

  /** The same for a change whose caller need not wait: who reads the container or its pod next does, lists do not. */
  showsReaders(id: string, wanted: Wanted): void {
    const shown = Promise.all([this.unread.get(id), this.shown(id, wanted)]).then(() => {
      if (this.unread.get(id) === shown) this.unread.delete(id);
    });
    this.unread.set(id, shown);
  }

  gone(id: string): void {
    this.looks.forget(id);
  }

  onEvent(event: EngineEvent): void {
    if (!isOurs(event)) return;
    const id = event.Actor.ID;
    if (event.Action === 'destroy') this.gone(id);
    else if (event.Action === 'create') this.inBackground(this.lookAtNew(id));
    // Not from the list: it may be gone by the time that this look has failed, and must not come back.
    else if (!this.isKnown(event)) this.inBackground(this.looks.at(id, toldByEvent(event)));
  }

  /** Also looks again at everything when events were missed: the list does not tell of a restart. Never throws. */
  async onEventsFlow(ctx: CallContext): Promise<void> {
    const before = this.records.ids();
    const flowing = this.step.onEventsFlow(ctx);
    const { connection } = this.step;
    await flowing;
    for (const id of before) {
      if (this.step.connection !== connection) return;
      await this.looks.at(id).catch(() => undefined);
    }
  }

  onEventsBreak(): void {
    this.step.onEventsBreak();
  }

  /** Looks again at what Docker could not tell of, and at what was never started: a start that fails is no event. */
  lookAgain(): void {
    const notStarted = this.records.containers().filter(isCreated);
    const ids = new Set([...this.looks.unsureOnes(), ...notStarted.map(({ id }) => id)]);
    for (const id of ids) this.inBackground(this.look(id));
  }

  /** Compares with Docker's list what events have told; what they have not is drift. */
  async check(): Promise<void> {
    if (!this.step.isReached) return;
    const wrong = await this.compare(EVENTS_LAG_MS);
    if (!this.step.isReached) return;
    this.drifted += wrong.length;
    for (const id of wrong) this.needs.log.warn('docker did not tell of a change to a container', { container: id });
  }

  private compare(lagMs: number): Promise<readonly string[]> {
    const { engine, log } = this.needs;
    return survey({ engine, records: this.records, looks: this.looks, log }, lagMs);
  }

  private async find(ctx: CallContext, kind: NodeRecord['kind'], id: string): Promise<NodeRecord | undefined> {
    checkIdOf(kind, id);
    // Out of step, one container is sooner looked at than all of them compared.
    if (!isWholeId(id)) await this.step.reach(ctx);
    else if (!this.step.isReached || this.records.get(id) === undefined) await untilEnded(ctx, this.look(id));
    const [found, ...others] = this.records.beginningWith(id);
    if (others.length > 0) throw new ShimError('InvalidArgument', `several containers have ids that begin with ${id}`);
    const unread = found === undefined ? undefined : this.unread.get(found.id);
    if (found === undefined || unread === undefined) return found;
    await untilEnded(ctx, unread);
    return this.records.get(found.id);
  }

  /** What Docker cannot inspect, and of which nothing is known, may be in its list all the same: then it must be in ours. */
  private async look(id: string): Promise<void> {
    try {
      await this.looks.at(id);
    } catch (error) {
      if (kindOf(error) === 'Unavailable') throw error;
      if (this.records.get(id) === undefined) await this.step.compareAgain();
    }
  }

  private isKnown(event: EngineEvent): boolean {
    const { ID: id } = event.Actor;
    return this.looks.isSettled(id) && isToldAlready(event, this.records.get(id));
  }

  private async shown(id: string, wanted: Wanted): Promise<void> {
    try {
      const underWay = this.looks.underWay(id);
      if (underWay !== undefined && !this.isShown(id, wanted)) await underWay.catch(() => undefined);
      if (!this.isShown(id, wanted)) await this.look(id);
    } catch (error) {
      this.needs.log.debug('a container cannot be looked at', { container: id, error: messageOf(error) });
    }
  }

  /** Only what has been created can be looked at: the look under way, if it succeeds, tells all that the event could. */
  private async lookAtNew(id: string): Promise<void> {
    if (this.records.get(id) !== undefined) return;
    await (this.looks.underWay(id) ?? this.looks.at(id)).catch(() => this.look(id));
  }

  /** Waits for the looks that were asked for, and looks once more if Docker could not tell then. */
  private async settled(ctx: CallContext, { id }: NodeRecord): Promise<NodeRecord | undefined> {
    if (!this.isSure(id)) await untilEnded(ctx, this.looks.settled(id));
    if (!this.isSure(id)) await untilEnded(ctx, this.looks.at(id));
    return this.records.get(id);
  }

  /** One look, so that one that hangs is refused within the bound of a look. */
  private async told(ctx: CallContext, known: NodeRecord): Promise<NodeRecord | undefined> {
    const shown = stated(known);
    if (isTold(shown)) return shown;
    await untilEnded(ctx, this.looks.underWay(known.id) ?? this.looks.at(known.id));
    const record = this.records.get(known.id);
    if (record !== undefined) checkTold(record);
    return record;
  }

  private isSure(id: string): boolean {
    const record = this.records.get(id);
    return record !== undefined && isInspected(record) && this.looks.isSettled(id);
  }

  private isShown(id: string, wanted: Wanted): boolean {
    const record = this.records.get(id);
    return record !== undefined && wanted(record);
  }

  /** Without an engine there are no events either, and then all is compared again. */
  private inBackground(look: Promise<void>): void {
    look.catch((error: unknown) => this.needs.log.debug('docker is away', { error: messageOf(error) }));
  }
}
