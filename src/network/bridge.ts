import { DEFAULT_NETWORK } from '../docker/network-mode';
import type { ContainerNetwork } from '../docker/types';

/**
 * Pods on Docker's own bridge: Docker gives a sandbox its address when it starts, opens its host ports, and takes both
 * back when it stops. For a node without CNI; pods of different nodes don't reach each other this way.
 */
export class BridgeNetwork {
  readonly dockerNetworkMode = DEFAULT_NETWORK;

  attach(): Promise<void> {
    return Promise.resolve();
  }

  detach(): Promise<void> {
    return Promise.resolve();
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  collectGarbage(): Promise<void> {
    return Promise.resolve();
  }

  /** The addresses of a running sandbox, IPv4 first. */
  addresses(sandbox: ContainerNetwork): Promise<string[]> {
    const networks = Object.values(sandbox.NetworkSettings?.Networks ?? {});
    const found = networks.flatMap((endpoint) => [endpoint?.IPAddress ?? '', endpoint?.GlobalIPv6Address ?? '']);
    return Promise.resolve(found.filter((address) => address !== ''));
  }

  /** Always ready: an engine without a bridge refuses to start a sandbox, and says why. */
  condition(): { ready: boolean; reason: string; message: string } {
    return { ready: true, reason: '', message: '' };
  }

  setPodCidr(): Promise<void> {
    // Docker's bridge has its addresses from daemon.json.
    return Promise.resolve();
  }
}
