import { mkdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { ShimError } from '../lib/errors';

/** Gives a directory back. */
export type Unlock = () => Promise<void>;

/**
 * Takes a directory for this process, and makes it when it is missing (mode 0700). The lock is a socket without a file,
 * named by the directory's device and inode: the kernel lets it go with the process, however that ends.
 * @param what it is, for the sentence
 * @throws ShimError FailedPrecondition when another process has it
 */
export async function lockDirectory(directory: string, what: string): Promise<Unlock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { dev, ino } = await stat(directory, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, `\0dockershim-directory-${dev}-${ino}`);
  } catch (error) {
    const taken = `another dockershim keeps its state in ${directory}: stop it, or give this one ${what} of its own`;
    throw new ShimError('FailedPrecondition', taken, error);
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
