import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * A path without symbolic links in its directory: /var/run is /run nearly everywhere. Whether there is anything at the path
 * doesn't matter; a directory that isn't there stays as it is.
 */
export async function canonicalPath(path: string): Promise<string> {
  const directory = await realpath(dirname(path)).catch(() => dirname(path));
  return join(directory, basename(path));
}
