import type { ContainerNetwork } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import type { NetworkedPod } from '../translate/pod-networking';

/** What the sandbox verbs need of pod networking. */
export interface PodNetwork {
  /** Docker's network mode for a pod with a network namespace of its own. */
  readonly dockerNetworkMode: string;
  /**
   * Gives a pod whose namespace is there its addresses and host ports. On failure nothing of it is left, or what `knows`
   * tells of and `detach` takes away.
   */
  attach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** Takes them away. Succeeds when there is nothing to take; fails when it is to be called again. */
  detach(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** @throws ShimError that says what is not as `attach` has made it. A network that can't tell finds nothing. */
  check(ctx: CallContext, pod: NetworkedPod): Promise<void>;
  /** Whether something of it is kept that `detach` would take away. */
  knows(sandboxId: string): Promise<boolean>;
  /** The sandboxes of pods of which something is kept. */
  known(): Promise<readonly string[]>;
  /**
   * Has the plugins free what belongs to no live sandbox. No other pod is attached from before `findLive` is asked for
   * their ids until the end. What can't be freed is logged.
   * @throws what `findLive` throws
   */
  collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void>;
  /** A running pod's addresses, IPv4 first; none on the host's network. */
  addresses(sandbox: ContainerNetwork): Promise<readonly string[]>;
}
