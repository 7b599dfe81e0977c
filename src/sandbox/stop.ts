import type { StopPodSandboxRequest, StopPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { isNotFound, whileDoing } from '../lib/errors';
import { all } from '../lib/all';
import type { KeyedMutex } from '../lib/keyed-mutex';
import { isWholeId } from '../translate/checks';
import { membersOf } from './members';
import { takeOffNetwork, type PodNetwork } from './pod-network';
import type { OnStep } from './steps';
import { findSandboxIfAny, podKey } from '../index/find-container';

/** CRI: what runs in a sandbox that is stopped is terminated forcibly. Its grace was StopContainer's, before this. */
const MEMBER_GRACE_SECONDS = 0;
/** The pause ends at once; one that does not is killed after this. */
const PAUSE_GRACE_SECONDS = 10;

export interface StopNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers' | 'stopContainer'>;
  readonly pods: KeyedMutex;
  readonly network: PodNetwork;
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
    const sandbox = await findSandboxIfAny(needs.engine, ctx, request.podSandboxId);
    const id = sandbox?.Id ?? request.podSandboxId;
    // A pause that was taken away behind the shim's back may have left its containers.
    if (!isWholeId(id)) return {};
    const key = sandbox === undefined ? id : podKey(sandbox);
    await needs.pods.run(ctx, key, async () => {
      try {
        const startable = await stopMembers(needs, ctx, id);
        needs.onStep('stop:members');
        if (sandbox !== undefined) {
          // While the pause runs, there is a namespace for the plugins to clean up in. Until they have, it stays.
          await takeOffNetwork(needs.network, ctx, sandbox);
          needs.onStep('stop:detached');
          await stop(needs, ctx, id, PAUSE_GRACE_SECONDS);
          needs.onStep('stop:paused');
        }
        // One that was started just before the pause went down, and that nothing can start after.
        if (startable) await stopMembers(needs, ctx, id);
        await needs.onStopped(id);
        needs.onStep('stop:finished');
      } catch (error) {
        throw whileDoing(`stop pod sandbox ${id}`, error);
      }
    });
    return {};
  };
}

/** Stops what runs of the pod, and answers whether there are containers that a client may just be starting. */
async function stopMembers(needs: StopNeeds, ctx: CallContext, id: string): Promise<boolean> {
  const members = await membersOf(needs.engine, ctx, id);
  const running = members.filter((member) => member.State !== 'exited' && member.State !== 'created');
  await all(running.map((member) => stop(needs, ctx, member.Id, MEMBER_GRACE_SECONDS)));
  return members.some((member) => member.State === 'created');
}

async function stop(needs: StopNeeds, ctx: CallContext, id: string, graceSeconds: number): Promise<void> {
  try {
    await needs.engine.stopContainer(ctx, id, graceSeconds);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
