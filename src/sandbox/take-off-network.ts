import { isHostNetwork } from '../docker/network-mode';
import type { CallContext } from '../lib/call-context';
import { vanishedPod } from '../network/pod';
import type { PodNetwork } from '../network/pod-network';
import type { CheckpointStore } from '../store/checkpoint';
import type { EndingPod } from './with-pod';

export interface DetachNeeds {
  readonly network: Pick<PodNetwork, 'detach' | 'knows'>;
  readonly checkpoints: Pick<CheckpointStore, 'read'>;
}

/**
 * Keeps the pod's namespace for `takeOffNetwork`, so that the pause container may end meanwhile.
 * @returns whether it may
 */
export async function holdNamespace(
  network: Pick<PodNetwork, 'hold'>,
  ctx: CallContext,
  { pause }: EndingPod,
): Promise<boolean> {
  return pause === undefined || isHostNetwork(pause.dockerNetworkMode) || (await network.hold(ctx, pause));
}

/**
 * Takes a pod off its network. One on the host's network is left alone. A pod whose pause container has gone is taken
 * off by what its checkpoint says, or what the network itself has kept.
 */
export async function takeOffNetwork(needs: DetachNeeds, ctx: CallContext, { id, pause }: EndingPod): Promise<void> {
  const { network, checkpoints } = needs;
  if (pause !== undefined) {
    if (!isHostNetwork(pause.dockerNetworkMode)) await network.detach(ctx, pause);
    return;
  }
  const checkpoint = await checkpoints.read(id);
  if (checkpoint?.hostNetwork === true) return;
  if (checkpoint !== undefined || (await network.knows(id))) await network.detach(ctx, vanishedPod(id, checkpoint));
}
