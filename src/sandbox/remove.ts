import type { RemovePodSandboxRequest, RemovePodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { whileDoing } from '../lib/errors';
import { all } from '../lib/all';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { CheckpointStore } from '../store/checkpoint';
import { isWholeId } from '../translate/checks';
import { LOG_PATH_LABEL } from '../translate/labels';
import { membersOf } from './members';
import { takeOffNetwork, type PodNetwork } from './pod-network';
import type { OnStep } from './steps';
import { findSandboxIfAny, podKey } from '../index/find-container';

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'removeContainer'>;
  readonly pods: KeyedMutex;
  readonly network: PodNetwork;
  readonly checkpoints: Pick<CheckpointStore, 'remove'>;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
  readonly onStep: OnStep;
  readonly unlinkLog: (logPath: string, containerId: string) => Promise<void>;
}

/**
 * RemovePodSandbox: removes the pod's containers, running or not, then its pause, then its checkpoint. Succeeds when
 * they are gone already. The pause goes last: while it is there, a call cut off in the middle can be repeated.
 */
export function removePodSandbox(needs: RemoveNeeds) {
  return async (request: RemovePodSandboxRequest, ctx: CallContext): Promise<RemovePodSandboxResponse> => {
    const sandbox = await findSandboxIfAny(needs.engine, ctx, request.podSandboxId);
    const id = sandbox?.Id ?? request.podSandboxId;
    // A pause that was taken away behind the shim's back may have left its containers and its checkpoint.
    if (!isWholeId(id)) return {};
    const key = sandbox === undefined ? id : podKey(sandbox);
    await needs.pods.run(ctx, key, async () => {
      try {
        const members = await membersOf(needs.engine, ctx, id);
        await all(members.map((member) => removeMember(needs, ctx, member)));
        needs.onStep('remove:members');
        if (sandbox !== undefined) {
          await takeOffNetwork(needs.network, ctx, sandbox);
          needs.onStep('remove:detached');
          await removeUntilGone(needs.engine, ctx, id);
          needs.onStep('remove:paused');
        }
        await needs.onStopped(id);
        await needs.checkpoints.remove(id);
        needs.onStep('remove:finished');
      } catch (error) {
        throw whileDoing(`remove pod sandbox ${id}`, error);
      }
    });
    return {};
  };
}

async function removeMember(needs: RemoveNeeds, ctx: CallContext, member: ContainerSummary): Promise<void> {
  await removeUntilGone(needs.engine, ctx, member.Id);
  const logPath = member.Labels?.[LOG_PATH_LABEL] ?? '';
  if (logPath !== '') await needs.unlinkLog(logPath, member.Id);
}
