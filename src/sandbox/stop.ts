import type { StopPodSandboxRequest, StopPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { stopIfThere } from '../docker/stop-container';
import type { ContainerIndex } from '../index/container-index';
import { idsOf, isCreated, mayRun, type NodeContainer } from '../index/node-record';
import { allToTheEnd } from '../lib/all-to-the-end';
import type { CallContext } from '../lib/call-context';
import type { PodNetwork } from '../network/pod-network';
import { mayBeAlive } from '../translate/container-state';
import { membersOf } from './members';
import type { OnStep } from './steps';
import { holdNamespace, takeOffNetwork, type DetachNeeds } from './take-off-network';
import { withPod, type EndingPod, type WithPodNeeds } from './with-pod';

/** CRI: what runs in a sandbox that is stopped is terminated forcibly. Its grace was StopContainer's, before this. */
const MEMBER_GRACE_SECONDS = 0;
/** The pause ends at once; one that does not is killed after this. */
const PAUSE_GRACE_SECONDS = 10;

export interface StopNeeds extends WithPodNeeds, DetachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'stopContainer'>;
  readonly index: Pick<ContainerIndex, 'settledSandbox' | 'allMembers'>;
  readonly network: Pick<PodNetwork, 'hold' | 'detach' | 'knows'>;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
  readonly onStep: OnStep;
}

/**
 * StopPodSandbox: stops the pod's containers, then takes it off its network and stops its pause. Succeeds when they are
 * stopped or gone already. The last two are done at once, and the one to its end though the other fails, where the
 * network can do without the pause; else the pause is there until the pod is off its network.
 */
export function stopPodSandbox(needs: StopNeeds) {
  return async (request: StopPodSandboxRequest, ctx: CallContext): Promise<StopPodSandboxResponse> => {
    await withPod(needs, ctx, request.podSandboxId, 'stop pod sandbox', async (pod) => {
      const [mayEndMeanwhile, members] = await Promise.all([
        holdNamespace(needs.network, ctx, pod),
        stopMembers(needs, ctx, pod.id),
      ]);
      needs.onStep('stop:members');
      const detached = takeOffNetwork(needs, ctx, pod).then(() => needs.onStep('stop:detached'));
      if (!mayEndMeanwhile) await detached;
      await allToTheEnd([detached, stopPause(needs, ctx, pod, members)]);
      needs.onStep('stop:finished');
    });
    return {};
  };
}

/** Answers those that there were. */
async function stopMembers(needs: StopNeeds, ctx: CallContext, id: string): Promise<readonly NodeContainer[]> {
  const members = await needs.index.allMembers(ctx, id);
  await stopAll(needs, ctx, idsOf(members.filter(mayRun)));
  return members;
}

/** Stops the pause, and then what cannot be there without it. */
async function stopPause(
  needs: StopNeeds,
  ctx: CallContext,
  { id, pause }: EndingPod,
  members: readonly NodeContainer[],
): Promise<void> {
  if (pause !== undefined) await stopIfThere(needs.engine, ctx, id, PAUSE_GRACE_SECONDS);
  needs.onStep('stop:paused');
  // A container may have been started just before the pause went down; none can start after that.
  if (members.some(isCreated)) await stopStarted(needs, ctx, id);
  await needs.onStopped(id);
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
