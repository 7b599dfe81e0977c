import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { CallContext } from '../lib/call-context';
import { ifFound, ShimError } from '../lib/errors';
import type { CheckpointStore } from '../store/checkpoint';
import { kindOfContainer } from '../translate/labels';
import { membersOf } from './members';
import { takeOffNetwork, type DetachNeeds } from './take-off-network';

export interface SettleNeeds extends DetachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly checkpoints: Pick<CheckpointStore, 'read' | 'remove'>;
}

/**
 * Another container has the name of a sandbox that is to be made. What of it:
 *
 *   it runs, and its run was not cut off   a finished sandbox whose answer was lost: its id is the answer
 *   its run was cut off                    half-made: removed
 *   it has stopped, without containers     what is left of an earlier life: removed
 *   it has stopped, with containers        AlreadyExists: the client has to remove it
 *   it is not a sandbox                    AlreadyExists
 *
 * @returns the id of the finished sandbox, or undefined when the name is free now.
 */
export async function settleTakenName(
  needs: SettleNeeds,
  ctx: CallContext,
  name: string,
  interrupted: boolean,
): Promise<string | undefined> {
  const holder = await ifFound(needs.engine.inspectContainer(ctx, name));
  if (holder === undefined) return undefined;
  if (kindOfContainer(holder.Config.Labels) !== 'podsandbox') {
    throw new ShimError(
      'AlreadyExists',
      `the container ${holder.Id} has the name ${name} and is no pod sandbox: remove it`,
    );
  }
  if (holder.State.Running && !interrupted) return holder.Id;
  if (!interrupted && (await hasMembers(needs, ctx, holder.Id))) {
    throw new ShimError('AlreadyExists', `the stopped pod sandbox ${holder.Id} still has containers: remove it first`);
  }
  ctx.log.info('removing what a run of this sandbox left', { name, sandbox: holder.Id });
  await takeOffNetwork(needs, ctx, { id: holder.Id, sandbox: holder });
  await removeUntilGone(needs.engine, ctx, holder.Id);
  await needs.checkpoints.remove(holder.Id);
  return undefined;
}

async function hasMembers(needs: SettleNeeds, ctx: CallContext, sandboxId: string): Promise<boolean> {
  const members = await membersOf(needs.engine, ctx, sandboxId);
  return members.length > 0;
}
