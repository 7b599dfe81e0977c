import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './command.mjs';
import { installMissing } from './debian.mjs';

const MOUNT_POINT = '/sys/fs/cgroup';

/** Mounts the cgroup controllers where no init has: dockerd can't limit containers without them. */
export async function mountCgroups() {
  if (!readFileSync('/proc/mounts', 'utf8').includes(` ${MOUNT_POINT}`)) {
    await installMissing({ 'cgroupfs-mount': 'cgroupfs-mount' });
    await runQuietly('cgroupfs-mount', []);
  }
}

/**
 * Mounts the controller of huge pages, in this mount namespace, on a host of cgroup v1 whose init has left it out. Nothing
 * happens where the kernel has none.
 */
export async function mountHugetlb() {
  const directory = path.join(MOUNT_POINT, 'hugetlb');
  if (!existsSync(path.join(MOUNT_POINT, 'memory')) || existsSync(path.join(directory, 'cgroup.procs'))) {
    return;
  }
  if (/^hugetlb\t\d+\t\d+\t1$/m.test(readFileSync('/proc/cgroups', 'utf8'))) {
    mkdirSync(directory, { recursive: true });
    await runQuietly('mount', ['-t', 'cgroup', '-o', 'hugetlb', 'cgroup', directory]);
  }
}

/** Removes a cgroup and those below it, in every hierarchy; one with a process in it stays. */
export function removeCgroup(name) {
  if (!existsSync(MOUNT_POINT)) {
    return;
  }
  const hierarchies = [MOUNT_POINT, ...readdirSync(MOUNT_POINT).map((entry) => path.join(MOUNT_POINT, entry))];
  hierarchies.map((hierarchy) => path.join(hierarchy, name)).forEach(removeTree);
}

function removeTree(directory) {
  if (!existsSync(directory)) {
    return;
  }
  const entries = readdirSync(directory, { withFileTypes: true });
  entries.filter((entry) => entry.isDirectory()).forEach((entry) => removeTree(path.join(directory, entry.name)));
  try {
    rmdirSync(directory);
  } catch (error) {
    if (error.code !== 'EBUSY' && error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') {
      throw error;
    }
  }
}
