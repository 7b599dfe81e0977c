import { basename } from 'node:path';
import { isThere } from '../host/is-there';
import { canonicalPath } from '../host/unix-socket/canonical-path';
import type { SocketOwner } from '../host/unix-socket/socket-owner';
import { unixPath } from '../lib/unix-path';
import { ok, problem, warning, type Finding } from './finding';
import type { KubeletSettings } from './kubelet-settings';

/** Where CRI runtimes serve by default. */
const KNOWN_SOCKETS = [
  '/run/dockershim.sock',
  '/run/cri-dockerd.sock',
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
] as const;

export interface SocketNeeds {
  /** Where this shim serves: paths, one at least. */
  readonly own: readonly string[];
  readonly kubelet: KubeletSettings;
  readonly owners: (path: string) => Promise<readonly SocketOwner[]>;
}

/** Who serves CRI on this node, on the shim's own sockets and on others', and which one the kubelet is told. */
export async function socketFindings({ own, kubelet, owners }: SocketNeeds): Promise<Finding[]> {
  const mine = await Promise.all(own.map(canonicalPath));
  const others = KNOWN_SOCKETS.filter((path) => !mine.includes(path));
  const findings: Finding[] = [];
  for (const path of mine) findings.push(ownSocket(path, await owners(path), await isThere(path)));
  for (const path of others) {
    const [owner] = await owners(path);
    if (owner !== undefined) findings.push(ok('sockets', `${path}: ${inWords(owner)}`));
  }
  return [...findings, await kubeletFinding({ own: mine, kubelet, owners })];
}

function ownSocket(path: string, owners: readonly SocketOwner[], there: boolean): Finding {
  const shim = owners.find(isShim);
  const [other] = owners;
  if (shim !== undefined) return ok('sockets', `${path}: this shim serves (process ${shim.pid})`);
  if (other === undefined) {
    return ok(
      'sockets',
      `${path}: nobody serves${there ? '; what is there was left over and will be replaced' : ' yet'}`,
    );
  }
  // Where systemd holds the socket, the first call starts the shim.
  if (other.program === 'systemd') return ok('sockets', `${path}: systemd listens for the shim`);
  if (other.program === 'kubelet') {
    const says = `the kubelet's own dockershim serves (process ${other.pid}); dockershim migrate plan has the steps that take it over`;
    return ok('sockets', `${path}: ${says}`);
  }
  const advice = 'stop that, or serve on another socket with --container-runtime-endpoint';
  return problem('sockets', `${path} is ${inWords(other)}'s`, advice);
}

async function kubeletFinding({ own, kubelet, owners }: SocketNeeds): Promise<Finding> {
  const { runtimeEndpoint, runtime, sources } = kubelet;
  if (sources.length === 0) return ok('kubelet', 'no kubelet is configured on this node');
  const advice = `give the kubelet --container-runtime-endpoint=unix://${own[0] ?? ''} (dockershim migrate plan has the steps)`;
  if (runtimeEndpoint === undefined) {
    if (runtime === 'remote')
      return problem('kubelet', "the kubelet's runtime is remote, but it has no endpoint", advice);
    return warning('kubelet', 'the kubelet is told no runtime endpoint', advice);
  }
  const path = unixPath(runtimeEndpoint);
  const elsewhere = warning('kubelet', `the kubelet is told ${runtimeEndpoint}, which is not this shim's`, advice);
  if (path === undefined) return elsewhere;
  const told = await canonicalPath(path);
  if (own.includes(told)) return ok('kubelet', `the kubelet is told ${runtimeEndpoint}, this shim's`);
  const listening = await owners(told);
  const shim = listening.find(isShim);
  if (shim !== undefined) {
    return ok('kubelet', `the kubelet is told ${runtimeEndpoint}, where this shim serves too (process ${shim.pid})`);
  }
  if (listening[0]?.program === 'systemd') {
    const says = `the kubelet is told ${runtimeEndpoint}, where systemd listens and will start a service`;
    return warning(
      'kubelet',
      says,
      `see which with systemctl list-sockets: unless it is dockershim.service, ${advice}`,
    );
  }
  return elsewhere;
}

/** Whether it is this shim, which may run from its bundle. */
export function isShim({ args }: SocketOwner): boolean {
  return args.some((arg) => basename(arg) === 'dockershim' || basename(arg) === 'dockershim.js');
}

function inWords({ pid, program }: SocketOwner): string {
  return `${program} (process ${pid})`;
}
