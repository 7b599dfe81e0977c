import type {
  NamespaceOption,
  PodSandbox,
  PodSandboxNetworkStatus,
  PodSandboxStatus,
} from '../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary } from '../docker/types';
import { fromRfc3339, fromSeconds } from '../lib/time';
import { runs, sandboxState } from './container-state';
import { readLabels } from './labels';
import { sandboxMetadata } from './names';
import { readSandboxNamespaces } from './namespaces';

/** What Docker tells of a sandbox; its addresses and its handler are known elsewhere. */
export type SandboxFacts = Omit<PodSandboxStatus, 'network' | 'runtimeHandler'>;

export function sandboxFacts(sandbox: ContainerInspect): SandboxFacts {
  return {
    id: sandbox.Id,
    metadata: sandboxMetadata(sandbox.Name),
    state: sandboxState(sandbox.State.Running),
    createdAt: fromRfc3339(sandbox.Created),
    linux: linuxStatus(readSandboxNamespaces(sandbox.HostConfig)),
    ...readLabels(sandbox.Config.Labels),
  };
}

/** As much as a row of Docker's list tells: the time is in whole seconds, the namespaces are missing. */
export function listedFacts(row: ContainerSummary): SandboxFacts {
  return {
    id: row.Id,
    metadata: sandboxMetadata(row.Names?.[0] ?? ''),
    state: sandboxState(runs(row.State)),
    createdAt: fromSeconds(row.Created),
    linux: undefined,
    ...readLabels(row.Labels),
  };
}

/** A sandbox's CRI status. `addresses` are the pod's own, the first one first; none on the host's network. */
export function toPodSandboxStatus(
  facts: SandboxFacts,
  addresses: readonly string[],
  runtimeHandler: string,
): PodSandboxStatus {
  return { ...facts, network: networkStatus(addresses), runtimeHandler };
}

/** A row of ListPodSandbox. */
export function listedSandbox(facts: SandboxFacts, runtimeHandler: string): PodSandbox {
  const { id, metadata, state, createdAt, labels, annotations } = facts;
  return { id, metadata, state, createdAt, labels, annotations, runtimeHandler };
}

function linuxStatus(options: NamespaceOption): PodSandboxStatus['linux'] {
  return { namespaces: { options } };
}

function networkStatus([first, ...others]: readonly string[]): PodSandboxNetworkStatus {
  return { ip: first ?? '', additionalIps: others.map((ip) => ({ ip })) };
}
