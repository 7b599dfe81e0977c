import type { ContainerEventResponse, ContainerEventType } from '../../../generated/runtime/v1/api';
import { withDetached, type CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { Log } from '../../lib/log';
import { fromMilliseconds } from '../../lib/time';
import { sandboxState } from '../../translate/container-state';
import { checkTold } from '../find-container';
import type { NodeContainer, NodeRecord, NodeSandbox } from '../node-record';
import type { PodsInMaking } from '../pods-in-making';
import type { ShownStatuses } from '../shown-statuses';
import type { EventHub } from './event-hub';
import { steps } from './lifecycle';

/** How many events may wait for their statuses, and how long the statuses may take, in milliseconds. */
const LONGEST_QUEUE = 1000;
const STATUS_TIMEOUT_MS = 5_000;

/** A pod at one moment. */
export interface PodMoment {
  readonly sandbox: NodeSandbox | undefined;
  readonly members: readonly NodeContainer[];
}

export interface PodEventsNeeds {
  readonly hub: EventHub;
  /** The pod now. */
  readonly podOf: (sandboxId: string) => PodMoment;
  readonly statuses: ShownStatuses;
  readonly podsInMaking: Pick<PodsInMaking, 'whileMaking'>;
  readonly log: Log;
}

interface Happening {
  readonly type: ContainerEventType;
  readonly record: NodeRecord;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
}

/**
 * Makes the interface's events of changes of the index: each with the whole pod as it was at that moment. One after the
 * other, so that they are in order.
 */
export class PodEvents {
  private told: Promise<void> = Promise.resolve();
  private waiting = 0;
  /**
   * Events of pods that are being made, by the names of their pause containers. Bounded by the calls that make them.
   */
  private readonly heldBack = new Map<string, Happening[]>();

  constructor(private readonly needs: PodEventsNeeds) {}

  onChange(before: NodeRecord | undefined, after: NodeRecord | undefined): void {
    const record = after ?? before;
    if (record === undefined || !this.needs.hub.wanted) return;
    const at = fromMilliseconds(Date.now());
    for (const type of steps(before, after)) this.tell({ type, record, at });
  }

  /**
   * Makes a pod. Until that is done or undone, its sandbox's events are kept back: it has no address before.
   * @param name of its pause container
   */
  async whileMaking<T>(name: string, make: () => Promise<T>): Promise<T> {
    this.heldBack.set(name, []);
    try {
      // Who hears of it by an event then finds it in the list.
      return await this.needs.podsInMaking.whileMaking(name, make);
    } finally {
      const held = this.heldBack.get(name) ?? [];
      this.heldBack.delete(name);
      for (const happening of held) this.enqueue(happening);
    }
  }

  private tell(happening: Happening): void {
    const held = this.heldBack.get(happening.record.name);
    if (held === undefined) this.enqueue(happening);
    else held.push(happening);
  }

  private enqueue(happening: Happening): void {
    if (this.waiting >= LONGEST_QUEUE) {
      this.needs.hub.miss(`there were more than ${LONGEST_QUEUE} at once`);
      return;
    }
    const pod = this.podAt(happening);
    this.waiting += 1;
    this.told = this.told.then(() => this.publish(happening, pod));
  }

  /** A sandbox that is gone is shown as it was last, and not ready. */
  private podAt({ record }: Happening): PodMoment {
    const id = record.kind === 'podsandbox' ? record.id : record.sandboxId;
    const { sandbox, members } = this.needs.podOf(id);
    if (sandbox !== undefined || record.kind === 'container') return { sandbox, members };
    const facts = { ...record.facts, state: sandboxState(false) };
    return { sandbox: { ...record, running: false, facts }, members };
  }

  /** Never throws. */
  private async publish(happening: Happening, pod: PodMoment): Promise<void> {
    const { hub, log } = this.needs;
    try {
      hub.publish(
        await withDetached(log, STATUS_TIMEOUT_MS, 'telling of a pod', (ctx) => this.compose(ctx, happening, pod)),
      );
    } catch (error) {
      hub.miss(`one could not be made (${messageOf(error)})`);
    } finally {
      this.waiting -= 1;
    }
  }

  /** @throws ShimError Unavailable for a pod that Docker can't tell of: a reader keeps what it is told */
  private async compose(
    ctx: CallContext,
    { type, record, at }: Happening,
    pod: PodMoment,
  ): Promise<ContainerEventResponse> {
    const { statuses } = this.needs;
    if (pod.sandbox !== undefined) checkTold(pod.sandbox);
    pod.members.forEach(checkTold);
    return {
      containerId: record.id,
      containerEventType: type,
      createdAt: at,
      podSandboxStatus: pod.sandbox && (await statuses.sandbox(pod.sandbox)),
      containersStatuses: await statuses.containers(ctx, pod.members),
    };
  }
}
