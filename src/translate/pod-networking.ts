import type { DNSConfig } from '../../generated/runtime/v1/api';
import type { ContainerInspect } from '../docker/types';
import type { NetworkedPod, PodPort } from '../network/pod';
import { readLabels } from './labels';
import { sandboxMetadata } from './names';

/**
 * What of a pod its network needs, all of it read back from its pause container: so it can be taken off the network when
 * nothing else is left of it. `dns` is known only while the pod is made.
 */
export function networkedPod(sandbox: ContainerInspect, dns?: DNSConfig): NetworkedPod {
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

/** Docker keeps the port bindings of a container also where another network opens them. */
export function readPorts(sandbox: ContainerInspect): PodPort[] {
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
