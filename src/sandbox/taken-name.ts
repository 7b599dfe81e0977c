import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ifFound, ShimError } from '../lib/errors';
import type { PodNetwork } from '../network/pod-network';
import type { CheckpointStore } from '../store/checkpoint';
import { kindOfContainer } from '../translate/labels';
import { networkedPod } from '../translate/pod-networking';
import { membersOf } from './members';
import { takeOffNetwork } from './take-off-network';

export interface TakenNameNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer' | 'listContainers'>;
  readonly network: Pick<PodNetwork, 'detach' | 'knows'>;
  readonly checkpoints: Pick<CheckpointStore, 'read' | 'remove'>;
}

/**
 * Removes what has the name of a sandbox whose run was cut off, if anything has: it is half-made, also when it runs.
 * @throws ShimError AlreadyExists when that is not a sandbox
 */
export async function removeHalfMade(needs: TakenNameNeeds, ctx: CallContext, name: string): Promise<void> {
  const holder = await holderOf(needs, ctx, name);
  if (holder !== undefined) await remove(needs, ctx, name, holder);
}

/**
 * Gives way to what has the name of a sandbox that is to be made, unless that has had its day:
 *
 *   it runs                               a complete sandbox whose answer was lost: its id is the answer
 *   it has stopped, without containers    what is left of an earlier life: removed
 *   it has stopped, with containers       AlreadyExists: the client has to remove it
 *   it is not a sandbox                   AlreadyExists
 *
 * @returns the id of the complete sandbox, or undefined when the name is free now
 */
export async function yieldToHolder(
  needs: TakenNameNeeds,
  ctx: CallContext,
  name: string,
): Promise<string | undefined> {
  const holder = await holderOf(needs, ctx, name);
  if (holder === undefined) return undefined;
  if (holder.State.Running) return holder.Id;
  const members = await membersOf(needs.engine, ctx, holder.Id);
  if (members.length > 0) {
    throw new ShimError('AlreadyExists', `the stopped pod sandbox ${holder.Id} still has containers: remove it first`);
  }
  await remove(needs, ctx, name, holder);
  return undefined;
}

async function holderOf(needs: TakenNameNeeds, ctx: CallContext, name: string): Promise<ContainerInspect | undefined> {
  const holder = await ifFound(needs.engine.inspectContainer(ctx, name));
  if (holder === undefined || kindOfContainer(holder.Config.Labels) === 'podsandbox') return holder;
  throw new ShimError(
    'AlreadyExists',
    `the container ${holder.Id} has the name ${name} and is no pod sandbox: remove it`,
  );
}

async function remove(needs: TakenNameNeeds, ctx: CallContext, name: string, holder: ContainerInspect): Promise<void> {
  ctx.log.info('removing what a run of this sandbox left', { name, sandbox: holder.Id });
  await takeOffNetwork(needs, ctx, { id: holder.Id, pause: networkedPod(holder) });
  await removeUntilGone(needs.engine, ctx, holder.Id);
  await needs.checkpoints.remove(holder.Id);
}
