import { ShimError } from '../../../lib/errors';
import type { NetworkedPod } from '../../pod';
import type { JsonObject } from '../json';
import { bandwidthOf } from './bandwidth';

/** The interface of a pod, in every runtime of Kubernetes. */
export const POD_INTERFACE = 'eth0';

/** What one attachment of one pod is to its plugins; libcni's cache keeps it for DEL. */
export interface Attachment {
  readonly containerId: string;
  readonly ifName: string;
  /** The pairs of CNI_ARGS, in order. */
  readonly args: readonly (readonly [string, string])[];
  /** By capability; a plugin sees those that it declares. */
  readonly capabilityArgs: JsonObject;
}

/**
 * A pod's attachment to the pod network.
 * @param podCidrs the node's ranges of addresses, for networks with the capability `ipRanges`
 * @throws ShimError InvalidArgument for what CNI can't carry.
 */
export function attachmentOf(pod: NetworkedPod, podCidrs: readonly string[]): Attachment {
  return {
    containerId: pod.sandboxId,
    ifName: POD_INTERFACE,
    args: argsOf(pod),
    capabilityArgs: capabilitiesOf(pod, podCidrs),
  };
}

/** The attachment as far as DEL needs it: a pod must come off its network whatever its annotations say. */
export function bareAttachmentOf(pod: NetworkedPod): Attachment {
  return {
    containerId: pod.sandboxId,
    ifName: POD_INTERFACE,
    args: argsOf(pod),
    capabilityArgs: { portMappings: portMappingsOf(pod) },
  };
}

function argsOf(pod: NetworkedPod): [string, string][] {
  return [
    ['IgnoreUnknown', '1'],
    ['K8S_POD_NAMESPACE', argument('namespace', pod.namespace)],
    ['K8S_POD_NAME', argument('name', pod.name)],
    ['K8S_POD_INFRA_CONTAINER_ID', argument('id', pod.sandboxId)],
    ['K8S_POD_UID', argument('uid', pod.uid)],
  ];
}

/** CNI_ARGS has no way to escape its separators. */
function argument(what: string, value: string): string {
  if (/[;=\0]/.test(value)) {
    throw new ShimError(
      'InvalidArgument',
      `the pod's ${what} ${JSON.stringify(value)} has a character that CNI can't carry`,
    );
  }
  return value;
}

function capabilitiesOf(pod: NetworkedPod, podCidrs: readonly string[]): JsonObject {
  const bandwidth = bandwidthOf(pod.annotations);
  return {
    portMappings: portMappingsOf(pod),
    ...(podCidrs.length > 0 && { ipRanges: podCidrs.map((subnet) => [{ subnet }]) }),
    ...(bandwidth !== undefined && { bandwidth }),
    ...(pod.dns !== undefined && { dns: pod.dns }),
    ...(pod.cgroupParent !== '' && { cgroupPath: pod.cgroupParent }),
  };
}

function portMappingsOf(pod: NetworkedPod) {
  const onHost = pod.portMappings.filter(({ hostPort }) => hostPort > 0);
  return onHost.map(({ hostPort, containerPort, protocol, hostIp }) => ({
    hostPort,
    containerPort,
    protocol,
    hostIP: hostIp,
  }));
}
