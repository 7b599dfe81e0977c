import type { ContainerInspect } from '../docker/types';

/**
 * Pods on Docker's own bridge: Docker gives a sandbox its address when it starts and opens its host ports. For a node
 * without CNI; pods of different nodes don't reach each other this way.
 */
export class BridgeNetwork {
  readonly dockerNetworkMode = 'default';

  /** The addresses of a running sandbox, IPv4 first. */
  addresses(sandbox: ContainerInspect): string[] {
    const networks = Object.values(sandbox.NetworkSettings?.Networks ?? {});
    const found = networks.flatMap((endpoint) => [endpoint?.IPAddress ?? '', endpoint?.GlobalIPv6Address ?? '']);
    return found.filter((address) => address !== '');
  }

  /** Docker's bridge is there whenever Docker is. */
  condition(): { ready: boolean; reason: string; message: string } {
    return { ready: true, reason: '', message: '' };
  }
}
