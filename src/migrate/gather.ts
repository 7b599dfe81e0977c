import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../docker/engine';
import { isShim } from '../doctor/check-sockets';
import { KUBEADM_FLAGS_FILE, KUBELET_PLACES, type KubeletSettings } from '../doctor/kubelet-settings';
import { kubeletVersions } from '../doctor/kubelet-version';
import { isThere } from '../host/is-there';
import { socketOwners, type SocketOwner } from '../host/unix-socket/socket-owner';
import type { CallContext } from '../lib/call-context';
import { unixPath } from '../lib/unix-path';
import { isOwnContainer, TYPE_LABEL } from '../translate/labels';
import { CARRIED_FLAGS } from './carried-flags';
import { DOCKERSHIM_FLAGS } from './kubelet-steps';
import { runtimeOf, type NodeFacts, type Runtime } from './node';
import { podImages } from './pod-images';
import type { Predecessors } from './predecessors';

const UNIT_DIRECTORIES = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
const CRI_DOCKERD_UNITS = ['cri-docker.socket', 'cri-docker.service'];

export type MigrateEngine = Pick<Engine, 'listContainers' | 'listImages'>;

/**
 * Looks at the node for what the plans need; changes nothing.
 * @param shim where the shim serves or will, where `engine` is, and what the shim is told
 */
export async function gatherFacts(
  ctx: CallContext,
  engine: MigrateEngine,
  { kubelet, criDockerd }: Predecessors,
  shim: Pick<NodeFacts, 'endpoint' | 'engineEndpoint' | 'shimOptions'>,
): Promise<NodeFacts> {
  const { running, next } = await kubeletVersions(KUBELET_PLACES.proc);
  const sandboxes = await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] });
  const containers = await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=container`] });
  const told = { version: running ?? next, endpoint: kubelet.runtimeEndpoint, runtime: kubelet.runtime };
  return {
    nodeName: kubelet.flags.get('hostname-override') ?? hostname().toLowerCase(),
    runtime: runtimeOf(told, await servingOn(kubelet)),
    kubeletRuns: kubelet.running,
    runningVersion: running,
    kubeletVersion: next,
    endpointFile: kubelet.endpointFile,
    endpointFlag: kubelet.flags.has('container-runtime-endpoint'),
    endpointFlagFile: kubelet.endpointFlagFile,
    kubeadmFlags: (await isThere(KUBEADM_FLAGS_FILE)) ? KUBEADM_FLAGS_FILE : undefined,
    dockershimFlags: given(DOCKERSHIM_FLAGS, kubelet.flags),
    criDockerdFlags: criDockerd && given(CARRIED_FLAGS, criDockerd),
    ...shim,
    pods: { all: sandboxes.length, adoptable: sandboxes.filter(({ Labels }) => !isOwnContainer(Labels)).length },
    images: podImages(containers, await engine.listImages(ctx)),
    criDockerdUnits: await installedUnits(),
  };
}

function given(names: readonly string[], flags: ReadonlyMap<string, string>): [name: string, value: string][] {
  return names.flatMap((name): [string, string][] => {
    const value = flags.get(name);
    return value === undefined ? [] : [[name, value]];
  });
}

async function servingOn({ runtimeEndpoint }: KubeletSettings): Promise<Runtime | undefined> {
  const path = unixPath(runtimeEndpoint ?? '');
  if (path === undefined) return undefined;
  const owners = await socketOwners(path);
  return owners.map(runtimeOfOwner).find((runtime) => runtime !== undefined);
}

function runtimeOfOwner(owner: SocketOwner): Runtime | undefined {
  const { program } = owner;
  if (program === 'cri-dockerd' || program === 'containerd') return program;
  return isShim(owner) ? 'dockershim' : undefined;
}

async function installedUnits(): Promise<string[]> {
  const installed: string[] = [];
  for (const unit of CRI_DOCKERD_UNITS) {
    const places = await Promise.all(UNIT_DIRECTORIES.map((directory) => isThere(join(directory, unit))));
    if (places.includes(true)) installed.push(unit);
  }
  return installed;
}
