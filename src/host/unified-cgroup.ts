import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ShimError } from '../lib/errors';

/** Where systemd and every container engine mount the hierarchy of cgroup v2. */
const ROOT = '/sys/fs/cgroup';

/** The name of a file such as `memory.high`, and nothing that leads out of the cgroup. */
const FILE = /^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/;

/**
 * Writes files of a running container's cgroup (v2), which Docker's API has no words for.
 * @param pid of the container's init process.
 * @throws ShimError FailedPrecondition naming the file that can't be written, before any is when a name is no file's.
 */
export async function writeUnified(
  containerId: string,
  pid: number,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const stray = Object.keys(values).find((file) => !FILE.test(file));
  if (stray !== undefined) throw new ShimError('FailedPrecondition', `a cgroup has no file ${JSON.stringify(stray)}`);
  const directory = join(ROOT, unifiedPath(containerId, await readFile(`/proc/${pid}/cgroup`, 'utf8')));
  for (const [file, value] of Object.entries(values)) {
    await writeFile(join(directory, file), value).catch((error: unknown) => {
      throw new ShimError(
        'FailedPrecondition',
        `the cgroup's ${file} can not be set to ${value}: ${messageOf(error)}`,
        error,
      );
    });
  }
}

/**
 * The cgroup of the container in /proc/[pid]/cgroup, without what was made inside of it.
 * @throws ShimError FailedPrecondition when the process is in no cgroup of that container.
 */
export function unifiedPath(containerId: string, processCgroups: string): string {
  const path = /^0::(.*)$/m.exec(processCgroups)?.[1] ?? '';
  const at = path.indexOf(containerId);
  if (at < 0) throw new ShimError('FailedPrecondition', `container ${containerId} has no cgroup of version 2`);
  const end = path.indexOf('/', at);
  return end < 0 ? path : path.slice(0, end);
}
