import { DEFAULT_NETWORK } from '../docker/network-mode';
import type { ContainerNetwork } from '../docker/types';
import { NETWORK_READY, type NetworkCondition, type PodNetwork } from './pod-network';

/**
 * Pods on Docker's own bridge: Docker gives a sandbox its address when it starts, opens its host ports, and takes both
 * back when it stops. For a node without CNI; pods of different nodes don't reach each other this way.
 */
export class BridgeNetwork implements PodNetwork {
  readonly dockerNetworkMode = DEFAULT_NETWORK;

  attach(): Promise<void> {
    return Promise.resolve();
  }

  /** Docker takes back itself what it gave, whenever the pause container ends. */
  hold(): Promise<boolean> {
    return Promise.resolve(true);
  }

  detach(): Promise<void> {
    return Promise.resolve();
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  /** Docker keeps nothing outside of the container. */
  knows(): Promise<boolean> {
    return Promise.resolve(false);
  }

  knownSandboxes(): Promise<string[]> {
    return Promise.resolve([]);
  }

  collectGarbage(): Promise<void> {
    return Promise.resolve();
  }

  addresses(sandbox: ContainerNetwork): Promise<string[]> {
    const networks = Object.values(sandbox.NetworkSettings?.Networks ?? {});
    const found = networks.flatMap((endpoint) => [endpoint?.IPAddress ?? '', endpoint?.GlobalIPv6Address ?? '']);
    return Promise.resolve(found.filter((address) => address !== ''));
  }

  /** Always ready: an engine without a bridge refuses to start a sandbox, and says why. */
  condition(): NetworkCondition {
    return NETWORK_READY;
  }

  setPodCidr(): Promise<void> {
    // Docker's bridge has its addresses from daemon.json.
    return Promise.resolve();
  }
}
