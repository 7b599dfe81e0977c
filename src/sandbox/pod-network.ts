import type { ContainerInspect } from '../docker/types';

/** What the sandbox verbs need of pod networking. */
export interface PodNetwork {
  /** Docker's network mode for a pod with a network namespace of its own. */
  readonly dockerNetworkMode: string;
  /** The pod's addresses, IPv4 first; none on the host's network. */
  addresses(sandbox: ContainerInspect): string[];
}
