import { createToTheEnd, mayHaveCreated } from '../docker/create-container';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerCreate } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { kindOf } from '../lib/errors';
import type { PodNetwork } from '../network/pod-network';
import type { CheckpointStore } from '../store/checkpoint';
import type { RunJournal } from '../store/run-journal';
import { networkedPod } from '../translate/pod-networking';
import { takeOffNetwork } from './take-off-network';
import { removeHalfMade, yieldToHolder, type TakenNameNeeds } from './taken-name';

export interface RunEntryNeeds {
  readonly engine: Pick<Engine, 'createContainer' | 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly journal: Pick<RunJournal, 'begin' | 'end'>;
  readonly network: Pick<PodNetwork, 'detach' | 'knows'>;
  readonly checkpoints: Pick<CheckpointStore, 'read' | 'remove'>;
}

/** The container that has the sandbox's name now. */
export interface Pause {
  readonly id: string;
  /** An earlier call's sandbox may be complete already: then there is nothing to do, or to undo, and no entry. */
  readonly outcome: 'made' | 'complete already';
}

/**
 * The entry of one run in the journal, there from before the pause container is created until the sandbox is complete or
 * gone. An entry that nobody works on says that its container, if there is one, is half-made. This file alone begins and
 * ends entries, under the pod's lock.
 *
 *   no entry ── begin ──▶ entry ── create ──▶ entry, container ── finish ──▶ no entry, complete sandbox
 *                           │                        │
 *                           │                        └─ undo ──────────────▶ no entry, no container
 *                           │
 *                           ├─ create is refused: nothing was made ────────▶ no entry
 *                           ├─ create's answer is lost ────────────────────▶ entry, perhaps a container: for recovery
 *                           └─ the name is taken ──────────────────────────▶ no entry, until it is known by whom
 *
 * A complete sandbox that has the name would be taken for half-made if this call were cut off with an entry: so there is
 * none while that is settled, once, and the create that follows begins one again.
 *
 * An entry that `begin` finds is left over from a run that was cut off: what has the name is half-made, and goes. Such an
 * entry stays also when the create is refused, for what that run may have left.
 */
export class RunEntry {
  private constructor(
    private readonly needs: RunEntryNeeds,
    private readonly name: string,
    private readonly isLeftOver: boolean,
  ) {}

  /** @param name the pause container's */
  static async begin(needs: RunEntryNeeds, name: string): Promise<RunEntry> {
    const { interrupted } = await needs.journal.begin(name);
    return new RunEntry(needs, name, interrupted);
  }

  /** @throws ShimError AlreadyExists when the name is taken and can't be freed */
  async create(ctx: CallContext, body: ContainerCreate): Promise<Pause> {
    try {
      return await this.tryToCreate(ctx, body);
    } catch (error) {
      if (kindOf(error) !== 'AlreadyExists') throw error;
    }
    if (this.isLeftOver) {
      await removeHalfMade(this.needs, ctx, this.name);
    } else {
      // There is no entry now: the create was refused.
      const complete = await yieldToHolder(this.needs, ctx, this.name);
      if (complete !== undefined) return { id: complete, outcome: 'complete already' };
      await this.needs.journal.begin(this.name);
    }
    return await this.tryToCreate(ctx, body);
  }

  /** The sandbox is complete. */
  async finish(): Promise<void> {
    await this.needs.journal.end(this.name);
  }

  /** Takes back what was made since `create` made the container with this id: its attachment, and the container. */
  async undo(ctx: CallContext, id: string): Promise<void> {
    const { engine, network, journal } = this.needs;
    // A sandbox that can't be taken off its network stays, with its entry, by which it is tried again.
    if (await network.knows(id)) {
      const pause = networkedPod(await engine.inspectContainer(ctx, id));
      await takeOffNetwork(this.needs, ctx, { id, pause });
    }
    await removeUntilGone(engine, ctx, id);
    // Not before: an entry without a container does no harm, a half-made container without an entry looks ready.
    await journal.end(this.name);
  }

  private async tryToCreate(ctx: CallContext, body: ContainerCreate): Promise<Pause> {
    try {
      const id = await createToTheEnd(this.needs.engine, ctx, this.name, body);
      return { id, outcome: 'made' };
    } catch (error) {
      if (!this.isLeftOver && !mayHaveCreated(error)) await this.needs.journal.end(this.name);
      throw error;
    }
  }
}

/** Removes what a run that was cut off has left, and then its entry. */
export async function clearLeftOver(
  needs: TakenNameNeeds & { readonly journal: Pick<RunJournal, 'end'> },
  ctx: CallContext,
  name: string,
): Promise<void> {
  await removeHalfMade(needs, ctx, name);
  await needs.journal.end(name);
}
