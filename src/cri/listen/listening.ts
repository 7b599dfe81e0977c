import type { ListenOptions, Server } from 'node:net';

/** Settles when `server` listens, or rejects with the system's error when it can't. */
export function listening(server: Server, where: ListenOptions & { fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
