import type { RemovePodSandboxRequest, RemovePodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { CheckpointStore } from '../store/checkpoint';
import { isWholeId } from '../translate/checks';
import { LOG_PATH_LABEL } from '../translate/labels';
import { all, membersOf } from './members';
import { findSandboxIfAny, podKey } from './find';

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'removeContainer'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'remove'>;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
  readonly unlinkLog: (logPath: string, containerId: string) => Promise<void>;
}

/**
 * RemovePodSandbox: removes the pod's containers, running or not, then its pause, then its checkpoint. Succeeds when
 * they are gone already. The pause goes last: while it is there, a call cut off in the middle can be repeated.
 */
export function removePodSandbox(needs: RemoveNeeds) {
  return async (request: RemovePodSandboxRequest, ctx: CallContext): Promise<RemovePodSandboxResponse> => {
    const sandbox = await findSandboxIfAny(needs.engine, ctx, request.podSandboxId);
    if (sandbox === undefined) {
      // Its container may have been taken away behind the shim's back. The id is a file's name here: a whole one only.
      if (isWholeId(request.podSandboxId)) await needs.checkpoints.remove(request.podSandboxId);
      return {};
    }
    await needs.pods.run(ctx, podKey(sandbox), async () => {
      try {
        const members = await membersOf(needs.engine, ctx, sandbox.Id);
        await all(members.map((member) => removeMember(needs, ctx, member)));
        await removeUntilGone(needs.engine, ctx, sandbox.Id);
        await needs.onStopped(sandbox.Id);
        await needs.checkpoints.remove(sandbox.Id);
      } catch (error) {
        throw whileDoing(`remove pod sandbox ${sandbox.Id}`, error);
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
