import { lstat, mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isThere } from '../host/is-there';
import { messageOf, ShimError } from '../lib/errors';

/**
 * Docker's json-file log behind a link at the CRI log path, which kubelets read in either format. The path comes back
 * from a label that anyone with access to Docker may have written, so nothing but a link to a container's log is ever
 * replaced, and nothing but the link to that very container's is taken away.
 */

const DOCKER_LOG = /\/[0-9a-f]{64}-json\.log$/;

/** Where the json-file driver writes, below Docker's root directory. */
export function dockerLogPath(rootDirectory: string, containerId: string): string {
  return `${rootDirectory}/containers/${containerId}/${containerId}-json.log`;
}

/**
 * Puts the link there; a link to the log of another attempt is replaced.
 * @throws ShimError FailedPrecondition when something else than a link is in the way, Internal when it can't be made.
 */
export async function linkLog(logPath: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(logPath), { recursive: true, mode: 0o755 });
    if (await isThere(logPath)) await unlinkDockerLog(logPath);
    await symlink(target, logPath);
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError('Internal', `cannot link the container's log at ${logPath}: ${messageOf(error)}`, error);
  }
}

/**
 * Makes room for a log that is a file: a link to Docker's log goes, a file stays.
 * @throws ShimError FailedPrecondition for anything else.
 */
export async function takeLinkAway(logPath: string): Promise<void> {
  if ((await isThere(logPath)) && !(await lstat(logPath)).isFile()) await unlinkDockerLog(logPath);
}

async function unlinkDockerLog(path: string): Promise<void> {
  const target = await readlink(path).catch(() => '');
  if (!DOCKER_LOG.test(target)) {
    throw new ShimError('FailedPrecondition', `${path} is in the way of the container's log: remove it`);
  }
  await unlink(path);
}

/** Takes the link away if it is the one to this container's log. */
export async function unlinkLog(logPath: string, containerId: string): Promise<void> {
  const target = await readlink(logPath).catch(() => undefined);
  if (target?.endsWith(`/${containerId}-json.log`)) await unlink(logPath).catch(() => undefined);
}
