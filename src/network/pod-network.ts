import type { ContainerNetwork } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import type { NetworkedPod } from './pod';

/** The node's condition NetworkReady: with a reason in one word, and a message that says what to do. */
export interface NetworkCondition {
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

export const NETWORK_READY: NetworkCondition = { ready: true, reason: '', message: '' };

/**
 * How pods get their addresses and host ports. `BridgeNetwork` leaves it to Docker, `CniNetwork` to plugins, and
 * `ChosenNetwork` finds out which of the two a pod is on. Pods on the host's network are none of theirs.
 */
export interface PodNetwork {
  /** Docker's network mode for a pod with a network namespace of its own. */
  readonly dockerNetworkMode: string;
  /**
   * Gives a pod whose namespace is there its addresses and host ports. On failure nothing of it is left, or what `knows`
   * tells of and `detach` takes away.
   */
  attach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /**
   * Keeps a pod's namespace for `detach` from now until it has succeeded, so that the pause container may end meanwhile.
   * @returns false when it can't: then the pause container is to run until `detach` has succeeded
   * @throws the context's reason as soon as that ends, and nothing else
   */
  hold(ctx: CallContext, pod: NetworkedPod): Promise<boolean>;
  /** Takes them away. Succeeds when there is nothing to take; fails when it is to be called again. */
  detach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** @throws ShimError that says what is not as `attach` has made it. A network that can't tell finds nothing. */
  check(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** Whether something of it is kept that `detach` would take away. */
  knows(sandboxId: string): Promise<boolean>;
  /** The sandboxes of pods of which something is kept. */
  knownSandboxes(): Promise<readonly string[]>;
  /**
   * Has the plugins free what belongs to no live sandbox. No other pod is attached or taken off from before `findLive` is
   * asked for their ids until the end. What can't be freed is logged.
   * @throws what `findLive` throws; ShimError DeadlineExceeded while it takes too long to attach others or to take them off
   */
  collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void>;
  /** A running pod's addresses, IPv4 first. */
  addresses(sandbox: ContainerNetwork): Promise<readonly string[]>;
  /** Whether pods can be attached. */
  condition(): NetworkCondition;
  /** The node's ranges of pod addresses, with commas between them, for networks that take theirs from the kubelet. */
  setPodCidr(cidr: string): Promise<void>;
}
