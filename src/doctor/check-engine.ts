import { compareApiVersions, NEWEST_API } from '../docker/api-version';
import { hasSecurity } from '../docker/engine-facts';
import type { EngineInfo, EngineVersion } from '../docker/types';
import { messageOf } from '../lib/errors';
import { ok, problem, warning, type Finding } from './finding';
import type { KubeletSettings } from './kubelet-settings';
import { minorOf } from './kubelet-version';

/** The engine's answers, or why there are none. */
export type EngineAnswers =
  | { readonly answered: true; readonly version: EngineVersion; readonly info: EngineInfo }
  | { readonly answered: false; readonly error: unknown };

/** Whether the engine answers, and in which API. */
export function engineFinding(engine: EngineAnswers, socketPath: string): Finding {
  if (!engine.answered) {
    const advice = `start it (systemctl start docker), or name its socket with --docker-endpoint`;
    return problem('engine', `no Docker Engine can be used on ${socketPath}: ${messageOf(engine.error)}`, advice);
  }
  const { Version: version, ApiVersion: api } = engine.version;
  const spoken = compareApiVersions(api, NEWEST_API) > 0 ? `, of which the shim speaks ${NEWEST_API}` : '';
  return ok('engine', `Docker ${version} on ${socketPath}, API ${api}${spoken}`);
}

/** Drivers that Docker itself has given up, or that copy whole layers. */
const POOR_STORAGE: Readonly<Record<string, string>> = {
  vfs: 'copies every layer for every container: slow, and large on disk',
  devicemapper: 'is gone from Docker 25 on',
  aufs: 'is gone from Docker 24 on',
  overlay: 'is gone from Docker 24 on',
};

export function storageFinding({ Driver: driver }: EngineInfo): Finding {
  const fault = POOR_STORAGE[driver];
  if (fault === undefined) return ok('storage', `storage driver ${driver}`);
  const advice = 'set "storage-driver": "overlay2" in /etc/docker/daemon.json, on a node without pods';
  return warning('storage', `the storage driver ${driver} ${fault}`, advice);
}

/** What a kubelet takes that is told no driver, and does not ask for one. All that it is told must be known for that. */
const KUBELETS_DEFAULT = 'cgroupfs';
/**
 * From this minor version on the kubelet takes the shim's answer (RuntimeConfig), whatever cgroupDriver says, unless its
 * feature gate KubeletCgroupDriverFromCRI is off.
 */
const ASKS_THE_SHIM = 31;

/**
 * Whether Docker and the kubelet put containers into cgroups by the same driver: the pods of a kubelet that goes by its
 * configuration fail when that says another.
 * @param kubeletVersion nothing when it is not known
 */
export function cgroupFinding(info: EngineInfo, kubelet: KubeletSettings, kubeletVersion: string | undefined): Finding {
  const { CgroupDriver: driver, CgroupVersion: version = '1' } = info;
  const about = `cgroup v${version}, cgroup driver ${driver}`;
  const minor = minorOf(kubeletVersion);
  const asks = minor !== undefined && minor >= ASKS_THE_SHIM;
  const present = kubelet.sources.length > 0;
  const wanted = kubelet.cgroupDriver ?? (kubelet.complete ? KUBELETS_DEFAULT : undefined);
  if (present && !asks && wanted !== undefined && wanted !== driver) {
    const says = `Docker's cgroup driver is ${driver}, the kubelet's ${wanted}`;
    const advice = `drain the node; set "exec-opts": ["native.cgroupdriver=${wanted}"] in /etc/docker/daemon.json, or cgroupDriver: ${driver} in the kubelet's configuration; restart both`;
    if (minor !== undefined) return problem('cgroups', says, advice);
    return warning(
      'cgroups',
      says,
      `${advice}; kubelets from 1.${ASKS_THE_SHIM} on ask the shim, unless their feature gate KubeletCgroupDriverFromCRI is off, and need none of this`,
    );
  }
  if (driver === 'cgroupfs' && version === '2') {
    const advice = `where systemd is init, drain the node; set "exec-opts": ["native.cgroupdriver=systemd"] in /etc/docker/daemon.json and cgroupDriver: systemd in the kubelet's configuration; restart both`;
    return warning('cgroups', `${about}: on cgroup v2 systemd wants to be the only one who makes cgroups`, advice);
  }
  if (!present) return ok('cgroups', about);
  if (asks) return ok('cgroups', `${about}, which the kubelet asks the shim for`);
  return ok('cgroups', wanted === undefined ? `${about}; the kubelet's is not known` : `${about}, the kubelet's too`);
}

export function logDriverFinding({ LoggingDriver: driver }: EngineInfo): Finding {
  if (driver === 'json-file') return ok('log driver', 'json-file');
  if (driver === 'none') return ok('log driver', 'none for other containers; those of pods are given json-file');
  return ok('log driver', `${driver}, from which containers' output is asked for; json-file takes less processor time`);
}

/** Kubelets from 1.33 on say of every pod that it has the node's users; older ones say nothing, and the engine decides. */
export function usersFinding(info: EngineInfo): Finding {
  if (!hasSecurity(info, 'userns')) return ok('users', "containers have the node's");
  return warning(
    'users',
    'Docker gives containers users of their own (userns-remap), who do not own the files of their volumes',
    'take "userns-remap" out of /etc/docker/daemon.json, on a node without pods; kubelets from 1.33 on do without it anyway',
  );
}

/** Without live-restore the pods of the node end with dockerd. */
export function liveRestoreFinding({ LiveRestoreEnabled: on }: EngineInfo): Finding {
  if (on === true) return ok('live restore', 'pods outlive a restart of dockerd');
  const advice = 'set "live-restore": true in /etc/docker/daemon.json and reload dockerd (systemctl reload docker)';
  return warning('live restore', 'every pod of this node ends when dockerd is restarted', advice);
}
