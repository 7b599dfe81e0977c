import type { DNSConfig } from '../../generated/runtime/v1/api';
import { NO_NETWORK } from '../docker/network-mode';

/** A pod as its network sees it. */
export interface NetworkedPod {
  readonly sandboxId: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** It tells by which network the pod was attached. */
  readonly dockerNetworkMode: string;
  /** The path of its network namespace; empty when it is gone. */
  readonly netns: string;
  readonly portMappings: readonly PodPort[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly dns: DNSConfig | undefined;
  readonly cgroupParent: string;
}

export interface PodPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  /** 0 is no host port. */
  readonly hostPort: number;
  /** Empty for every address of the host. */
  readonly hostIp: string;
}

/** What a pod's network can be told of it when its pause container is gone: what was kept beside it, if anything was. */
export function vanishedPod(
  sandboxId: string,
  kept: Pick<NetworkedPod, 'name' | 'namespace' | 'portMappings'> | undefined,
): NetworkedPod {
  return {
    sandboxId,
    name: kept?.name ?? '',
    namespace: kept?.namespace ?? '',
    uid: '',
    // What Docker itself had connected it to, Docker took back with the container.
    dockerNetworkMode: NO_NETWORK,
    netns: '',
    portMappings: kept?.portMappings ?? [],
    annotations: {},
    dns: undefined,
    cgroupParent: '',
  };
}
