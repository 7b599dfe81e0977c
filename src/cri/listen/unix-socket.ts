import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { isServed } from '../../host/unix-socket/is-served';
import { socketOwners } from '../../host/unix-socket/socket-owner';
import { messageOf, ShimError } from '../../lib/errors';
import { listening } from '../../lib/listening';

/** Owner and group, no one else: whoever may write to this socket can become root on the node. */
const SOCKET_MODE = 0o660;

/** Removes the socket file that was made, unless another process has put its own there meanwhile. */
export type RemoveSocket = () => Promise<void>;

/**
 * Makes `server` listen on the absolute `path`: its directory is made when missing, a socket that nobody serves any
 * more is replaced.
 *
 * The socket is bound in a private directory and moved into place when it has its mode, so it's never open to more
 * users than it should be. That also keeps the file ours to remove: closing a server, Node unlinks the path that it
 * bound, whoever's socket is there by then.
 *
 * The function that is returned must be called before the server is closed: while it listens, the inode can't be
 * reused, so the comparison is safe.
 * @throws ShimError FailedPrecondition when the socket is in use, when the path is something other than a socket, or
 * when the system refuses.
 */
export async function listenOnPath(server: Server, path: string): Promise<RemoveSocket> {
  try {
    const directory = dirname(path);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await refuseUnlessStale(path);
    const nursery = await mkdtemp(`${directory}/.`);
    try {
      const bound = join(nursery, basename(path));
      await listening(server, { path: bound });
      await chmod(bound, SOCKET_MODE);
      const ours = await lstat(bound);
      await rename(bound, path);
      return () => removeIfSame(path, ours);
    } catch (error) {
      server.close();
      throw error;
    } finally {
      await rm(nursery, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError('FailedPrecondition', `cannot listen on ${path}: ${messageOf(error)}`, error);
  }
}

async function removeIfSame(path: string, ours: Stats): Promise<void> {
  const there = await statOf(path);
  if (there !== undefined && there.dev === ours.dev && there.ino === ours.ino) await rm(path, { force: true });
}

async function refuseUnlessStale(path: string): Promise<void> {
  const there = await statOf(path);
  if (there === undefined) return;
  if (!there.isSocket()) {
    throw new ShimError(
      'FailedPrecondition',
      `cannot listen on ${path}: it is ${typeOf(there)}, not a socket; move it away or choose another endpoint`,
    );
  }
  if (await isServed(path)) {
    throw new ShimError(
      'FailedPrecondition',
      `cannot listen on ${path}: ${await otherServer(path)} or choose another endpoint`,
    );
  }
}

/** Who is there already, and what to do about it. */
async function otherServer(path: string): Promise<string> {
  const owners = await socketOwners(path);
  return owners.some(({ program }) => program === 'systemd')
    ? 'systemd listens there for a socket unit; stop that unit, or serve on fd:// if it is the shim’s own,'
    : 'another process serves it; stop that one';
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function typeOf(there: Stats): string {
  if (there.isDirectory()) return 'a directory';
  if (there.isSymbolicLink()) return 'a symbolic link';
  if (there.isFIFO()) return 'a named pipe';
  if (there.isFile()) return 'a regular file';
  return 'a device';
}
