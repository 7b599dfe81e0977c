import type { PodSandbox, PodSandboxNetworkStatus, PodSandboxStatus } from '../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary } from '../docker/types';
import { sandboxState } from './container-state';
import { readLabels } from './labels';
import { sandboxMetadata } from './names';
import { readSandboxNamespaces } from './namespaces';
import { readRuntimeHandler, type EngineRuntimes } from './runtime-handlers';
import { toNanoseconds } from './time';

/** A sandbox's CRI status. `addresses` are the pod's own, the first one first; none on the host's network. */
export function sandboxStatus(
  sandbox: ContainerInspect,
  addresses: readonly string[],
  runtimes: EngineRuntimes,
): PodSandboxStatus {
  return {
    id: sandbox.Id,
    metadata: sandboxMetadata(sandbox.Name),
    state: sandboxState(sandbox.State.Running),
    createdAt: toNanoseconds(sandbox.Created),
    network: networkStatus(addresses),
    linux: { namespaces: { options: readSandboxNamespaces(sandbox.HostConfig) } },
    ...readLabels(sandbox.Config.Labels),
    runtimeHandler: readRuntimeHandler(sandbox.HostConfig.Runtime, runtimes),
  };
}

function networkStatus([first, ...others]: readonly string[]): PodSandboxNetworkStatus {
  return { ip: first ?? '', additionalIps: others.map((ip) => ({ ip })) };
}

/** A row of ListPodSandbox. `createdAt` is nanoseconds since 1970. */
export function listedSandbox(row: ContainerSummary, facts: { createdAt: bigint; runtimeHandler: string }): PodSandbox {
  return {
    id: row.Id,
    metadata: sandboxMetadata(row.Names?.[0] ?? ''),
    state: sandboxState(row.State === 'running' || row.State === 'paused'),
    createdAt: facts.createdAt,
    ...readLabels(row.Labels),
    runtimeHandler: facts.runtimeHandler,
  };
}
