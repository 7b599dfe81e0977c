import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf, ShimError } from '../../lib/errors';
import { readKernelFile } from '../kernel-file';
import { namedCgroup, ownCgroup } from './cgroup-path';
import { cgroupTree } from './cgroup-tree';
import { limitsReserved, withReserved } from './hugepages';
import { setScopeProperties, systemdProperties } from './systemd-scope';

/** A process of a container, in this process's PID namespace, and the container that its cgroup must be named after. */
export interface ContainerProcess {
  readonly containerId: string;
  readonly pid: number;
}

/** Where systemd and every container engine mount the hierarchies. */
const ROOT = '/sys/fs/cgroup';

/** The name of a file such as `memory.high`, and nothing that leads out of the cgroup. */
const FILE = /^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/;
/** Limits of huge pages: the only file of cgroup v1 that is written here. */
const HUGETLB_V1 = /^hugetlb\..*_in_bytes$/;
const HUGETLB = /^hugetlb\./;

/**
 * Writes files of a running container's cgroup, which Docker's API has no words for. Where the cgroup is a systemd
 * scope, systemd is told first.
 * @throws ShimError FailedPrecondition naming the file that can't be written. A name that is none of a cgroup file is
 *   refused before anything is written.
 */
export async function writeCgroupFiles(of: ContainerProcess, values: Readonly<Record<string, string>>): Promise<void> {
  const stray = Object.keys(values).find((file) => !FILE.test(file));
  if (stray !== undefined) throw new ShimError('FailedPrecondition', `a cgroup has no file ${JSON.stringify(stray)}`);
  const cgroups = cgroupsOf(of);
  const scope = basename(namedCgroup(cgroupPath(of.containerId, cgroups, '') ?? '', of.containerId) ?? '');
  const properties = systemdProperties(values);
  if (scope.endsWith('.scope') && properties.length > 0) await setScopeProperties(scope, properties);
  for (const [file, value] of Object.entries(withReserved(values))) {
    const path = cgroupPath(of.containerId, cgroups, controllerOf(file));
    try {
      if (path === undefined) throw new Error(`container ${of.containerId} has no such cgroup`);
      // Asked to create a file, the kernel would not say that there is none.
      await writeFile(join(ROOT, path, file), value, { flag: constants.O_WRONLY });
    } catch (error) {
      if (limitsNothing(file, value, error)) continue;
      throw new ShimError(
        'FailedPrecondition',
        `the cgroup's ${file} cannot be set to ${value}: ${messageOf(error)}`,
        error,
      );
    }
  }
}

/**
 * A kubelet limits every container to no huge pages at all unless it asks for some. Where the controller is missing,
 * there is no file to write that to, and no need. Nor can any kernel be told to limit what is reserved.
 */
function limitsNothing(file: string, value: string, error: unknown): boolean {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
  return limitsReserved(file) || (HUGETLB.test(file) && value === '0');
}

/** What those files read now. One that is not there, or whose container has ended, is left out. */
export function readCgroupFiles(of: ContainerProcess, files: readonly string[]): Record<string, string> {
  const cgroups = cgroupsOf(of);
  const values: Record<string, string> = {};
  for (const file of files) {
    const path = cgroupPath(of.containerId, cgroups, controllerOf(file));
    const text = path === undefined || !FILE.test(file) ? undefined : readKernelFile(join(ROOT, path, file));
    if (text !== undefined) values[file] = text.trimEnd();
  }
  return values;
}

/** Whether the process is one of that container: it has not ended, and its number has not gone to somebody else. */
export function isInContainer(of: ContainerProcess): boolean {
  return cgroupsOf(of).includes(of.containerId);
}

/**
 * The processes of a container, also of the cgroups that were made inside of it.
 * @throws ShimError FailedPrecondition when it has none any more.
 */
export async function processesOf(of: ContainerProcess): Promise<number[]> {
  const cgroups = cgroupsOf(of);
  // On a hybrid host the controllers of v1 are the ones that every runtime uses.
  const path = cgroupPath(of.containerId, cgroups, 'memory') ?? cgroupPath(of.containerId, cgroups, '');
  if (path === undefined) throw new ShimError('FailedPrecondition', `container ${of.containerId} has no cgroup`);
  const lists = (await cgroupTree(join(ROOT, path))).map((cgroup) => readKernelFile(join(cgroup, 'cgroup.procs')));
  return lists.flatMap((pids) => (pids ?? '').split('\n').filter(Boolean).map(Number));
}

/**
 * The container's cgroup below the mounts' root, without what was made inside of it; undefined when the process is in none
 * of that container.
 * @param controller of cgroup v1; empty for v2, which has one hierarchy.
 */
export function cgroupPath(containerId: string, processCgroups: string, controller: string): string | undefined {
  for (const line of processCgroups.split('\n')) {
    const [, controllers, ...rest] = line.split(':');
    if (controllers !== controller) continue;
    const path = ownCgroup(rest.join(':'), containerId);
    return path === undefined ? undefined : join('/', controller, path);
  }
  return undefined;
}

function controllerOf(file: string): string {
  return HUGETLB_V1.test(file) ? 'hugetlb' : '';
}

function cgroupsOf({ pid }: ContainerProcess): string {
  return readKernelFile(`/proc/${pid}/cgroup`) ?? '';
}
