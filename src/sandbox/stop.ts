import type { StopPodSandboxRequest, StopPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { isNotFound, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import { all, membersOf } from './members';
import { findSandboxIfAny, podKey } from './find';

/** CRI: what runs in a sandbox that is stopped is terminated forcibly. Its grace was StopContainer's, before this. */
const MEMBER_GRACE_SECONDS = 0;
/** The pause ends at once; one that does not is killed after this. */
const PAUSE_GRACE_SECONDS = 10;

export interface StopNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'stopContainer'>;
  readonly pods: KeyedMutex;
  /** The pod runs no more: what leads into it ends. */
  readonly onStopped: (sandboxId: string) => Promise<void>;
}

/** StopPodSandbox: stops the pod's containers, then its pause. Succeeds when they are stopped or gone already. */
export function stopPodSandbox(needs: StopNeeds) {
  return async (request: StopPodSandboxRequest, ctx: CallContext): Promise<StopPodSandboxResponse> => {
    const sandbox = await findSandboxIfAny(needs.engine, ctx, request.podSandboxId);
    if (sandbox === undefined) return {};
    await needs.pods.run(ctx, podKey(sandbox), async () => {
      try {
        const members = await membersOf(needs.engine, ctx, sandbox.Id);
        const running = members.filter((member) => member.State !== 'exited' && member.State !== 'created');
        await all(running.map((member) => stop(needs, ctx, member.Id, MEMBER_GRACE_SECONDS)));
        await stop(needs, ctx, sandbox.Id, PAUSE_GRACE_SECONDS);
        await needs.onStopped(sandbox.Id);
      } catch (error) {
        throw whileDoing(`stop pod sandbox ${sandbox.Id}`, error);
      }
    });
    return {};
  };
}

async function stop(needs: StopNeeds, ctx: CallContext, id: string, graceSeconds: number): Promise<void> {
  try {
    await needs.engine.stopContainer(ctx, id, graceSeconds);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
