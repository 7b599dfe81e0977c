import { NamespaceMode, type NamespaceOption, type UserNamespace } from '../../generated/runtime/v1/api';
import type { HostConfig } from '../docker/types';
import { checkId, invalid, unimplemented } from './checks';

/**
 * Linux namespaces: CRI's modes and Docker's. A sandbox owns the pod's network and IPC namespaces (and PID, when the pod
 * shares it); its containers join them with `container:<sandbox>`.
 */
export const NODE = 'host';

/** @throws ShimError InvalidArgument or Unimplemented for a mode that a pod can't have on Docker. */
export function checkNamespaces(field: string, options: NamespaceOption | undefined): void {
  if (options === undefined) return;
  for (const [name, mode] of [
    ['network', options.network],
    ['ipc', options.ipc],
  ] as const) {
    if (mode !== NamespaceMode.POD && mode !== NamespaceMode.NODE) {
      throw invalid(`${field}.${name}`, `can be POD or NODE, not ${NamespaceMode[mode] ?? mode}`);
    }
  }
  if (NamespaceMode[options.pid] === undefined) throw invalid(`${field}.pid`, `is unknown: ${options.pid}`);
  if (options.pid === NamespaceMode.TARGET) checkId(`${field}.target_id`, options.targetId);
  checkUserNamespace(`${field}.userns_options`, options.usernsOptions);
}

function checkUserNamespace(field: string, userns: UserNamespace | undefined): void {
  if (userns === undefined) return;
  if (userns.mode !== NamespaceMode.NODE && userns.mode !== NamespaceMode.POD) {
    throw invalid(`${field}.mode`, `can be POD or NODE, not ${NamespaceMode[userns.mode] ?? userns.mode}`);
  }
  if (userns.mode === NamespaceMode.POD) {
    throw unimplemented(field, 'Docker has no user namespace for a single pod: set hostUsers to true, or leave it out');
  }
  if (userns.uids.length > 0 || userns.gids.length > 0) throw invalid(field, 'maps no ids where its mode is NODE');
}

type SandboxNamespaces = Pick<HostConfig, 'NetworkMode' | 'IpcMode' | 'PidMode' | 'UsernsMode'>;

/** `podNetwork` is Docker's network mode for a pod with a network namespace of its own. */
export function sandboxNamespaces(options: NamespaceOption | undefined, podNetwork: string): SandboxNamespaces {
  return {
    NetworkMode: options?.network === NamespaceMode.NODE ? NODE : podNetwork,
    IpcMode: options?.ipc === NamespaceMode.NODE ? NODE : 'shareable',
    ...(options?.pid === NamespaceMode.NODE && { PidMode: NODE }),
    ...nodeUsers(options),
  };
}

type MemberNamespaces = Pick<HostConfig, 'NetworkMode' | 'IpcMode' | 'PidMode' | 'UTSMode' | 'UsernsMode'>;

export function memberNamespaces(options: NamespaceOption | undefined, sandboxId: string): MemberNamespaces {
  const sandbox = `container:${sandboxId}`;
  return {
    NetworkMode: sandbox,
    IpcMode: sandbox,
    // The host's network comes with the host's name.
    ...(options?.network === NamespaceMode.NODE && { UTSMode: NODE }),
    ...memberPid(options, sandbox),
    ...nodeUsers(options),
  };
}

/** With userns-remap, containers have other users than the node's unless the engine is told (users/node-users.ts). */
function nodeUsers(options: NamespaceOption | undefined): Pick<HostConfig, 'UsernsMode'> {
  return options?.usernsOptions?.mode === NamespaceMode.NODE ? { UsernsMode: NODE } : {};
}

function memberPid(options: NamespaceOption | undefined, sandbox: string): Pick<HostConfig, 'PidMode'> {
  switch (options?.pid) {
    case NamespaceMode.NODE:
      return { PidMode: NODE };
    case NamespaceMode.TARGET:
      return { PidMode: `container:${options.targetId}` };
    case NamespaceMode.CONTAINER:
      return {};
    // A client that says nothing means CRI's zero value, POD.
    default:
      return { PidMode: sandbox };
  }
}

/** What a sandbox's namespaces are, read back from Docker. */
export function readSandboxNamespaces(host: HostConfig): NamespaceOption {
  return {
    network: host.NetworkMode === NODE ? NamespaceMode.NODE : NamespaceMode.POD,
    ipc: host.IpcMode === NODE ? NamespaceMode.NODE : NamespaceMode.POD,
    // Whether the members share the sandbox's PID namespace is said of each of them, not of the sandbox.
    pid: host.PidMode === NODE ? NamespaceMode.NODE : NamespaceMode.CONTAINER,
    targetId: '',
    usernsOptions: host.UsernsMode === NODE ? { mode: NamespaceMode.NODE, uids: [], gids: [] } : undefined,
  };
}
