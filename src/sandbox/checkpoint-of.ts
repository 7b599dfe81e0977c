import { NamespaceMode, type PodSandboxConfig, type PodSandboxMetadata } from '../../generated/runtime/v1/api';
import { isOnHostNetwork } from '../docker/network-mode';
import type { ContainerInspect } from '../docker/types';
import type { Checkpoint } from '../store/checkpoint-text';
import { sandboxMetadata } from '../translate/names';
import { readPorts } from '../translate/pod-networking';
import { protocolName } from '../translate/ports';

/** The checkpoint of a sandbox that is being made. */
export function checkpointOf(config: PodSandboxConfig & { readonly metadata: PodSandboxMetadata }): Checkpoint {
  return {
    name: config.metadata.name,
    namespace: config.metadata.namespace,
    hostNetwork: config.linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE,
    portMappings: config.portMappings.map((mapping) => ({
      protocol: protocolName(mapping.protocol),
      containerPort: mapping.containerPort,
      hostPort: mapping.hostPort,
      hostIp: mapping.hostIp,
    })),
  };
}

/**
 * The checkpoint of a sandbox as its container tells it: only the ports that are opened on the host are known there.
 */
export function checkpointFrom(sandbox: ContainerInspect): Checkpoint | undefined {
  const metadata = sandboxMetadata(sandbox.Name);
  if (metadata === undefined) return undefined;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    hostNetwork: isOnHostNetwork(sandbox),
    portMappings: readPorts(sandbox),
  };
}
