import { lstat } from 'node:fs/promises';

/** Whether there is anything at a path, even a link that leads nowhere. What can't be looked at is not there. */
export async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
