import type { ContainerNetwork } from './types';

/** Docker's `NetworkMode` for a network namespace with nothing but loopback in it. */
export const NO_NETWORK = 'none';
/** Docker's own bridge. */
export const DEFAULT_NETWORK = 'default';
/** The namespace of the host. */
const HOST_NETWORK = 'host';

/** Whether a container is in the host's network namespace, where it has no network of its own. */
export function isOnHostNetwork({ HostConfig }: Pick<ContainerNetwork, 'HostConfig'>): boolean {
  return isHostNetwork(HostConfig.NetworkMode);
}

/** The same by its `NetworkMode`. */
export function isHostNetwork(mode: string | undefined): boolean {
  return mode === HOST_NETWORK;
}
