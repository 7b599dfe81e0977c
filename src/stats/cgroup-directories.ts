import { dirname, join } from 'node:path';
import { namedCgroup, ownCgroup } from '../host/cgroup/cgroup-path';
import type { MountInfo } from './mount-info';

/**
 * Where a cgroup's files are. On a host of cgroup v2 it has `unified` alone; on one of v1 a directory for each controller;
 * on a hybrid host both, where v1 has the controllers and `unified` the pressure files.
 */
export interface CgroupDirectories {
  readonly cpu: string | undefined;
  readonly cpuacct: string | undefined;
  readonly memory: string | undefined;
  readonly pids: string | undefined;
  readonly blkio: string | undefined;
  readonly hugetlb: string | undefined;
  readonly unified: string | undefined;
}

/**
 * Finds a container's cgroup.
 * @param id the container's. The engine puts it into the cgroup's name; a path without it is not the container's own
 *   (an old engine leaves the unified hierarchy alone, a process id has gone to somebody else), so it counts for nothing.
 * @param processCgroups /proc/[pid]/cgroup of a process of the container.
 * @param mounts this process's own.
 */
export function findCgroup(id: string, processCgroups: string, mounts: readonly MountInfo[]): CgroupDirectories {
  const paths = new Map<string, string>();
  for (const line of processCgroups.split('\n')) {
    const [, controllers, ...rest] = line.split(':');
    const path = ownCgroup(rest.join(':'), id);
    if (path === undefined) continue;
    for (const controller of controllers === '' ? ['unified'] : (controllers ?? '').split(',')) {
      paths.set(controller, path);
    }
  }
  const directory = (controller: string, mounted: (mount: MountInfo) => boolean): string | undefined => {
    const path = paths.get(controller);
    return path === undefined ? undefined : visiblePath(path, mounts.filter(mounted));
  };
  const v1 = (controller: string): string | undefined =>
    directory(controller, ({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller));
  return eachDirectory((name) => (name === 'unified' ? directory(name, ({ type }) => type === 'cgroup2') : v1(name)));
}

/** Whether any of the cgroup's directories was found. */
export function isSomewhere(directories: CgroupDirectories): boolean {
  return Object.values(directories).some((directory) => directory !== undefined);
}

/** The cgroup that a container's own cgroup is in: its pod's. */
export function parentCgroup(id: string, of: CgroupDirectories): CgroupDirectories {
  return eachDirectory((name) => {
    const named = namedCgroup(of[name] ?? '', id);
    return named === undefined ? undefined : dirname(named);
  });
}

function eachDirectory(find: (name: keyof CgroupDirectories) => string | undefined): CgroupDirectories {
  return {
    cpu: find('cpu'),
    cpuacct: find('cpuacct'),
    memory: find('memory'),
    pids: find('pids'),
    blkio: find('blkio'),
    hugetlb: find('hugetlb'),
    unified: find('unified'),
  };
}

/** A mount may show a part of the hierarchy only, and one inside a cgroup namespace has `..` in the paths outside it. */
function visiblePath(path: string, mounts: readonly MountInfo[]): string | undefined {
  if (path.includes('/../')) return undefined;
  for (const { root, mountPoint } of mounts) {
    if (root === '/') return join(mountPoint, path);
    if (path.startsWith(`${root}/`)) return join(mountPoint, path.slice(root.length));
  }
  return undefined;
}
