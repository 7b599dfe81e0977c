import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import type { CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { listening } from '../lib/listening';
import { isServed } from './unix-socket/is-served';

/** Gives directories back. */
export type Unlock = () => Promise<void>;

const LOCK = 'dockershim.lock';
const OPTIONS = '--root-directory, --cri-dockerd-root-directory, --cni-cache-dir';

/**
 * Takes directories for this process, all or none, and makes those that are missing (mode 0700). The lock is a socket in
 * each that somebody listens on: the kernel lets it go with the process, however that ends, and who can't write there can't
 * take it. (An abstract socket would need no file, but any process of the network namespace could hold its name.) Where it
 * can't be made, as on a full disk, the shim serves without a lock.
 * @throws ShimError FailedPrecondition when another process has one of them
 */
export async function lockDirectories(ctx: Pick<CallContext, 'log'>, directories: readonly string[]): Promise<Unlock> {
  const taken: Unlock[] = [];
  const unlock = async (): Promise<void> => void (await Promise.all(taken.map((giveBack) => giveBack())));
  try {
    for (const directory of new Set(directories.map((name) => resolve(name))))
      taken.push(await lockDirectory(ctx, directory));
  } catch (error) {
    await unlock();
    throw error;
  }
  return unlock;
}

async function lockDirectory({ log }: Pick<CallContext, 'log'>, directory: string): Promise<Unlock> {
  const server = createServer((socket) => socket.destroy());
  const path = join(directory, LOCK);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await take(server, path);
  } catch (error) {
    if (await isServed(path).catch(() => false)) {
      const taken = `another dockershim keeps its state in ${directory}: stop it, or give this one directories of its own`;
      throw new ShimError('FailedPrecondition', `${taken} (${OPTIONS})`, error);
    }
    log.warn('a directory is not locked against another shim', { directory, error: messageOf(error) });
    return () => Promise.resolve();
  }
  // A connection that could not be taken concerns nobody.
  server.on('error', () => undefined);
  // Node removes the file that it bound.
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** The socket file that a killed process has left is removed. */
async function take(server: Server, path: string): Promise<void> {
  try {
    await listening(server, { path });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || (await isServed(path))) throw error;
    await rm(path, { force: true });
    await listening(server, { path });
  }
}
