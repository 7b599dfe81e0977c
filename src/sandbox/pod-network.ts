import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { networkedPod, type NetworkedPod } from '../translate/pod-networking';

/** What the sandbox verbs need of pod networking. */
export interface PodNetwork {
  /** Docker's network mode for a pod with a network namespace of its own. */
  readonly dockerNetworkMode: string;
  /** Gives a pod whose namespace is there its addresses and host ports. On failure nothing of it is left. */
  attach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** Takes them away. Succeeds when there is nothing to take; fails when it is to be called again. */
  detach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /**
   * Frees what belongs to no live sandbox. From before `findLive` is asked for their ids until the end, no other pod is
   * attached. What can't be freed is logged, and left for the next time.
   * @throws what `findLive` throws
   */
  collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void>;
  /** The pod's addresses, IPv4 first; none on the host's network. */
  addresses(sandbox: ContainerInspect): Promise<readonly string[]>;
}

/** Takes a sandbox off its network. One on the host's network is left as it is. */
export async function takeOffNetwork(network: PodNetwork, ctx: CallContext, sandbox: ContainerInspect): Promise<void> {
  if (sandbox.HostConfig.NetworkMode !== 'host') await network.detach(ctx, networkedPod(sandbox, undefined));
}
