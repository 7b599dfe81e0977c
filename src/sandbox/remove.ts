import type { RemovePodSandboxRequest, RemovePodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import { stopIfThere } from '../docker/stop-container';
import type { ContainerIndex } from '../index/container-index';
import { mayRun, type NodeContainer } from '../index/node-record';
import { allToTheEnd } from '../lib/all-to-the-end';
import type { CallContext } from '../lib/call-context';
import type { ContainerLogs } from '../logs/container-logs';
import type { CheckpointStore } from '../store/checkpoint';
import type { OnStep } from './steps';
import { takeOffNetwork, type DetachNeeds } from './take-off-network';
import { withPod, type WithPodNeeds } from './with-pod';

export interface RemoveNeeds extends WithPodNeeds, DetachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'stopContainer' | 'removeContainer'>;
  readonly index: Pick<ContainerIndex, 'settledSandbox' | 'allMembers'>;
  readonly checkpoints: Pick<CheckpointStore, 'read' | 'remove'>;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
  readonly onStep: OnStep;
  readonly logs: Pick<ContainerLogs, 'drained' | 'remove'>;
}

/**
 * RemovePodSandbox: removes the pod's containers, running or not, then its pause, then its checkpoint. Succeeds when
 * they are gone already. The checkpoint goes last: a call cut off in the middle can be repeated, and one that nobody
 * repeats is found by it.
 */
export function removePodSandbox(needs: RemoveNeeds) {
  return async (request: RemovePodSandboxRequest, ctx: CallContext): Promise<RemovePodSandboxResponse> => {
    await withPod(needs, ctx, request.podSandboxId, 'remove pod sandbox', async (pod) => {
      const members = await needs.index.allMembers(ctx, pod.id);
      await allToTheEnd(members.map((member) => removeMember(needs, ctx, member)));
      needs.onStep('remove:members');
      await takeOffNetwork(needs, ctx, pod);
      needs.onStep('remove:detached');
      if (pod.pause !== undefined) await removeUntilGone(needs.engine, ctx, pod.id);
      needs.onStep('remove:paused');
      await needs.onStopped(pod.id);
      await needs.checkpoints.remove(pod.id);
      needs.onStep('remove:finished');
    });
    return {};
  };
}

/** What a container has written until now goes to its log before Docker's is removed with it. */
async function removeMember(needs: RemoveNeeds, ctx: CallContext, member: NodeContainer): Promise<void> {
  const { id, status } = member;
  if (mayRun(member)) await stopIfThere(needs.engine, ctx, id, 0);
  await needs.logs.drained(id, ctx);
  await removeUntilGone(needs.engine, ctx, id);
  await needs.logs.remove(status.logPath, id);
}
