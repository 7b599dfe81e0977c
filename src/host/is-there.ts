import { lstat } from 'node:fs/promises';

/**
 * Whether there is anything at a path, even a link that leads nowhere.
 * @throws what the kernel answers when it can't tell: such as EACCES, EIO or ELOOP. A path that can't be looked at is not
 * one where nothing is; whoever asks acts on it: forgets a container's log, leaves steps out of a plan.
 */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
