import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ShimError } from '../../../lib/errors';

/**
 * The executable of a plugin: the first file of that name in the directories.
 * @throws ShimError FailedPrecondition when there is none.
 */
export async function findPlugin(type: string, binDirs: readonly string[]): Promise<string> {
  for (const directory of binDirs) {
    const path = join(directory, type);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
  }
  const places = binDirs.join(', ');
  throw new ShimError('FailedPrecondition', `the CNI plugin ${type} is not in ${places}; install it there`);
}
