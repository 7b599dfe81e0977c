import type { Server as HttpServer } from 'node:http';
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

/** Ends an HTTP server, and the connections that it has. */
export async function closeAtOnce(server: HttpServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
