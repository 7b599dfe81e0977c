import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { messageOf, ShimError } from '../lib/errors';

/**
 * Writes a whole file or nothing: a reader, or a restart after a power cut, sees the old content or the new. Files are
 * 0600, their directory 0700: what is kept there is root's alone (CVE-2024-25621).
 * @param sync false doesn't wait for the disk: after a power cut, and only then, the file may be empty or missing
 * @throws ShimError ResourceExhausted on a full disk, otherwise Internal
 */
export async function writeAtomically(path: string, content: string, { sync = true } = {}): Promise<void> {
  try {
    await write(path, content, sync);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** What a file that can't be written means to a client: the reason, and which file. */
export function unwritable(path: string, error: unknown): ShimError {
  const { code } = error as NodeJS.ErrnoException;
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'ResourceExhausted' : 'Internal';
  return new ShimError(kind, `cannot write ${path}: ${messageOf(error)}`, error);
}

async function write(path: string, content: string, sync: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Readers of the directory, the predecessors among them, pass over names with a dot in front.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Removes a file; one that is not there is as good as removed. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
