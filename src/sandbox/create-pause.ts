import { createToTheEnd, mayHaveCreated } from '../docker/create-container';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerCreate } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { kindOf } from '../lib/errors';
import type { RunJournal } from '../store/run-journal';
import type { OnStep } from './steps';
import { takeOffNetwork } from './take-off-network';
import { settleTakenName, type SettleNeeds } from './taken-name';

export interface CreatePauseNeeds extends SettleNeeds {
  readonly engine: SettleNeeds['engine'] & Pick<Engine, 'createContainer'>;
  readonly journal: RunJournal;
  readonly onStep: OnStep;
}

/** The container that has the sandbox's name now. */
export interface Pause {
  readonly id: string;
  /** It is a finished sandbox's, which an earlier call has made: there is nothing to do, and no entry in the journal. */
  readonly ready: boolean;
}

/**
 * Creates a sandbox's pause container. From before it is created until the sandbox is complete or undone, the journal has
 * an entry with its name: who ends the run, either way, ends the entry. An entry that nobody works on says that its
 * container, if there is one, is half-made.
 *
 *   the create is refused          nothing was made: no entry
 *   the create's answer is lost    there may be a container: the entry stays
 *   an entry was there before      an earlier run was cut off: the entry stays, also when nothing could be made, until
 *                                  what that run has left is gone
 *   the name is taken              by a complete sandbox, perhaps, which would be taken for half-made if this call were
 *                                  cut off with an entry: so there is none while that is settled, once, and the create
 *                                  that follows begins one again
 *
 * @throws ShimError AlreadyExists when the name is taken and can't be freed
 */
export async function createPause(
  needs: CreatePauseNeeds,
  ctx: CallContext,
  name: string,
  body: ContainerCreate,
): Promise<Pause> {
  const { interrupted } = await needs.journal.begin(name);
  needs.onStep('run:journaled');
  const create = async (): Promise<string> => {
    try {
      return await createToTheEnd(needs.engine, ctx, name, body);
    } catch (error) {
      if (!interrupted && !mayHaveCreated(error)) await needs.journal.end(name);
      throw error;
    }
  };
  try {
    return { id: await create(), ready: false };
  } catch (error) {
    if (kindOf(error) !== 'AlreadyExists') throw error;
  }
  const finished = await settleTakenName(needs, ctx, name, interrupted);
  if (finished !== undefined) return { id: finished, ready: true };
  await needs.journal.begin(name);
  return { id: await create(), ready: false };
}

/** Takes back what a failed run has made since its pause container was created, and ends its entry in the journal. */
export async function undoPause(needs: CreatePauseNeeds, ctx: CallContext, name: string, id: string): Promise<void> {
  // A sandbox that can't be taken off its network stays, with its entry, by which it is tried again.
  if (await needs.network.knows(id)) {
    await takeOffNetwork(needs, ctx, { id, sandbox: await needs.engine.inspectContainer(ctx, id) });
  }
  await removeUntilGone(needs.engine, ctx, id);
  // Not before: an entry without a container does no harm, a half-made container without an entry looks ready.
  await needs.journal.end(name);
}
