import type { ContainerCreate, HostConfig } from '../../docker/types';
import { NODE } from '../namespaces';

/**
 * A container on an engine that gives its containers users of their own (userns-remap). Such an engine refuses what those
 * can't have, a privileged container and the node's namespaces, unless the container is to have the node's users.
 * @param sandboxMode the `UsernsMode` of the pod that the container is for: what it mounts of the sandbox's namespaces is its
 *   users' alone, so it has the same.
 */
export function withNodeUsers(body: ContainerCreate, remapsUsers: boolean, sandboxMode?: string): ContainerCreate {
  if (!remapsUsers || !(needsNodeUsers(body.HostConfig) || sandboxMode === NODE)) return body;
  return { ...body, HostConfig: { ...body.HostConfig, UsernsMode: NODE } };
}

function needsNodeUsers({ Privileged, NetworkMode, PidMode, IpcMode }: HostConfig): boolean {
  return Privileged === true || [NetworkMode, PidMode, IpcMode].includes(NODE);
}
