import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import { findSandboxIfAny, podKey } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import { whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import { isWholeId } from '../translate/checks';

export interface WithPodNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly pods: KeyedMutex;
}

/** A pod that is to end, as far as there is anything left of it. */
export interface EndingPod {
  readonly id: string;
  /** Undefined when its pause container was taken away behind the shim's back: other things may still be there. */
  readonly sandbox: ContainerInspect | undefined;
}

/**
 * Does what ends the pod with this id, or with the one id that begins so, while no other work on it is under way. A
 * part of an id that Docker does not know is passed over: nothing is kept under it.
 * @param what is being done, for the message of a failure
 */
export async function withPod(
  needs: WithPodNeeds,
  ctx: CallContext,
  podSandboxId: string,
  what: string,
  work: (pod: EndingPod) => Promise<void>,
): Promise<void> {
  const found = await findSandboxIfAny(needs.engine, ctx, podSandboxId);
  const id = found?.Id ?? podSandboxId;
  if (!isWholeId(id)) return;
  const key = found === undefined ? id : podKey(found);
  await needs.pods.run(ctx, key, async (waited) => {
    try {
      // An earlier call may have stopped it: the process id that leads to its namespace may be another one's by now.
      const sandbox = waited ? await findSandboxIfAny(needs.engine, ctx, id) : found;
      await work({ id, sandbox });
    } catch (error) {
      throw whileDoing(`${what} ${id}`, error);
    }
  });
}
