import type { StopPodSandboxRequest, StopPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { stopIfThere } from '../docker/stop-container';
import type { ContainerIndex } from '../index/container-index';
import { idsOf, isCreated, mayRun } from '../index/node-record';
import { allToTheEnd } from '../lib/all-to-the-end';
import type { CallContext } from '../lib/call-context';
import { mayBeAlive } from '../translate/container-state';
import { membersOf } from './members';
import type { OnStep } from './steps';
import { takeOffNetwork, type DetachNeeds } from './take-off-network';
import { withPod, type WithPodNeeds } from './with-pod';

/** CRI: what runs in a sandbox that is stopped is terminated forcibly. Its grace was StopContainer's, before this. */
const MEMBER_GRACE_SECONDS = 0;
/** The pause ends at once; one that does not is killed after this. */
const PAUSE_GRACE_SECONDS = 10;

export interface StopNeeds extends WithPodNeeds, DetachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'stopContainer'>;
  readonly index: Pick<ContainerIndex, 'settledSandbox' | 'allMembers'>;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
  readonly onStep: OnStep;
}

/**
 * StopPodSandbox: stops the pod's containers, takes it off its network, and stops its pause. Succeeds when they are
 * stopped or gone already.
 */
export function stopPodSandbox(needs: StopNeeds) {
  return async (request: StopPodSandboxRequest, ctx: CallContext): Promise<StopPodSandboxResponse> => {
    await withPod(needs, ctx, request.podSandboxId, 'stop pod sandbox', async (pod) => {
      const members = await needs.index.allMembers(ctx, pod.id);
      await stopAll(needs, ctx, idsOf(members.filter(mayRun)));
      needs.onStep('stop:members');
      // While the pause runs, there is a namespace for the plugins to clean up in. Until they have, it stays.
      await takeOffNetwork(needs, ctx, pod);
      needs.onStep('stop:detached');
      if (pod.pause !== undefined) await stopIfThere(needs.engine, ctx, pod.id, PAUSE_GRACE_SECONDS);
      needs.onStep('stop:paused');
      // A container may have been started just before the pause went down; none can start after that.
      if (members.some(isCreated)) await stopStarted(needs, ctx, pod.id);
      await needs.onStopped(pod.id);
      needs.onStep('stop:finished');
    });
    return {};
  };
}

/** By Docker's own list: the start of a container may not have been told yet. */
async function stopStarted(needs: StopNeeds, ctx: CallContext, id: string): Promise<void> {
  const members = await membersOf(needs.engine, ctx, id);
  const alive = members.filter(({ State }) => mayBeAlive(State));
  await stopAll(
    needs,
    ctx,
    alive.map(({ Id }) => Id),
  );
}

async function stopAll(needs: StopNeeds, ctx: CallContext, ids: readonly string[]): Promise<void> {
  await allToTheEnd(ids.map((id) => stopIfThere(needs.engine, ctx, id, MEMBER_GRACE_SECONDS)));
}
