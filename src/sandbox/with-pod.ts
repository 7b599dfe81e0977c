import type { Engine } from '../docker/engine';
import type { ContainerIndex } from '../index/container-index';
import { findSandboxIfAny } from '../index/find-container';
import type { NodeSandbox } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { ifFound, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { NetworkedPod } from '../network/pod';
import { isWholeId } from '../translate/checks';
import { networkedPod } from '../translate/pod-networking';

export interface WithPodNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly index: Pick<ContainerIndex, 'settledSandbox'>;
  readonly pods: KeyedMutex;
}

/** A pod that is to end, as far as there is anything left of it. */
export interface EndingPod {
  readonly id: string;
  /** Undefined when its pause container was taken away behind the shim's back: other things may still be there. */
  readonly pause: NetworkedPod | undefined;
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
  const found = await ifFound(needs.index.settledSandbox(ctx, podSandboxId));
  const id = found?.id ?? podSandboxId;
  if (!isWholeId(id)) return;
  await needs.pods.run(ctx, found?.name ?? id, async (waited) => {
    try {
      // An earlier call may have stopped it: the process id that leads to its namespace may be another one's by now.
      const sandbox = waited ? await ifFound(needs.index.settledSandbox(ctx, id)) : found;
      await work({ id, pause: sandbox && (await pauseOf(needs, ctx, sandbox)) });
    } catch (error) {
      throw whileDoing(`${what} ${id}`, error);
    }
  });
}

/** What only Docker's list has told of is inspected: without its ports and annotations it would leave things behind. */
async function pauseOf(
  { engine }: WithPodNeeds,
  ctx: CallContext,
  { id, details }: NodeSandbox,
): Promise<NetworkedPod | undefined> {
  if (details !== undefined) return details.networked;
  const inspected = await findSandboxIfAny(engine, ctx, id);
  return inspected && networkedPod(inspected);
}
