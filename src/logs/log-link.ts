import { lstat, mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, ShimError } from '../lib/errors';

/**
 * Docker's json-file log behind a link at the CRI log path, which kubelets read in either format. The path comes back
 * from a label that anyone with access to Docker may have written, so nothing but a link to that very container's log
 * is ever taken away.
 */

/** Where the json-file driver writes, below Docker's root directory. */
export function dockerLogPath(rootDirectory: string, containerId: string): string {
  return `${rootDirectory}/containers/${containerId}/${containerId}-json.log`;
}

/**
 * Puts the link there; a link that is there already is replaced.
 * @throws ShimError FailedPrecondition when something else than a link is in the way, Internal when it can't be made.
 */
export async function linkLog(logPath: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(logPath), { recursive: true, mode: 0o755 });
    const there = await lstat(logPath).catch(() => undefined);
    if (there !== undefined && !there.isSymbolicLink()) {
      throw new ShimError('FailedPrecondition', `${logPath} is in the way of the container's log: remove it`);
    }
    if (there !== undefined) await unlink(logPath);
    await symlink(target, logPath);
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError('Internal', `can not link the container's log at ${logPath}: ${messageOf(error)}`, error);
  }
}

/** Takes the link away if it is the one to this container's log. */
export async function unlinkLog(logPath: string, containerId: string): Promise<void> {
  const target = await readlink(logPath).catch(() => undefined);
  if (target?.endsWith(`/${containerId}-json.log`)) await unlink(logPath).catch(() => undefined);
}
