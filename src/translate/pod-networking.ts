import type { DNSConfig } from '../../generated/runtime/v1/api';
import type { ContainerInspect } from '../docker/types';
import { readLabels } from './labels';
import { sandboxMetadata } from './names';

/** A pod as its network sees it. */
export interface NetworkedPod {
  readonly sandboxId: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly dockerNetworkMode: string;
  /** The path of its network namespace; empty when it is gone. */
  readonly netns: string;
  readonly portMappings: readonly NetworkedPort[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly dns: DNSConfig | undefined;
  readonly cgroupParent: string;
}

export interface NetworkedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  readonly hostPort: number;
  /** Empty for every address of the host. */
  readonly hostIp: string;
}

/**
 * What of a pod its network needs, all of it read back from its pause container: so it can be taken off the network when
 * nothing else is left of it. `dns` is known only while the pod is made.
 */
export function networkedPod(sandbox: ContainerInspect, dns: DNSConfig | undefined): NetworkedPod {
  const metadata = sandboxMetadata(sandbox.Name);
  const { Running: running, Pid: pid } = sandbox.State;
  return {
    sandboxId: sandbox.Id,
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    uid: metadata?.uid ?? '',
    dockerNetworkMode: sandbox.HostConfig.NetworkMode ?? '',
    netns: running && pid > 0 ? `/proc/${pid}/ns/net` : '',
    portMappings: readPorts(sandbox),
    annotations: readLabels(sandbox.Config.Labels).annotations,
    dns,
    cgroupParent: sandbox.HostConfig.CgroupParent ?? '',
  };
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
    dockerNetworkMode: 'none',
    netns: '',
    portMappings: kept?.portMappings ?? [],
    annotations: {},
    dns: undefined,
    cgroupParent: '',
  };
}

/** Docker keeps the port bindings of a container also where another network opens them. */
export function readPorts(sandbox: ContainerInspect): NetworkedPort[] {
  return Object.entries(sandbox.HostConfig.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const [port, protocol] = key.split('/');
    return bindings.map((binding) => ({
      protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
      containerPort: Number(port),
      hostPort: Number(binding.HostPort),
      hostIp: binding.HostIp ?? '',
    }));
  });
}
