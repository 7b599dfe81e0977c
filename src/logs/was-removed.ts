import { dirname } from 'node:path';
import { isThere } from '../host/is-there';
import { ShimError } from '../lib/errors';

/**
 * Whether Docker has removed a container, by the path of its log: its directory has gone from among the others.
 * @throws ShimError Unavailable when those have gone too: Docker's data root is not mounted, or not yet. Also when the
 * kernel can't tell.
 */
export async function wasRemoved(spoolPath: string): Promise<boolean> {
  const directory = dirname(spoolPath);
  if (await isThere(directory)) return false;
  const all = dirname(directory);
  if (!(await isThere(all))) {
    throw new ShimError('Unavailable', `Docker's containers are not at ${all}: is its data root mounted?`);
  }
  // It may have been mounted between the two looks.
  return !(await isThere(directory));
}
