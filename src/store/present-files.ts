import { readdir, readFile } from 'node:fs/promises';

/** The text of a file; undefined when there is none. */
export async function textIfThere(path: string): Promise<string | undefined> {
  return await ifThere(readFile(path, 'utf8'));
}

/**
 * The names of the files in a directory; none when there is no directory. Those with a dot in front are left out: a crash
 * leaves them half-written (atomic-file.ts).
 */
export async function namesIn(directory: string): Promise<string[]> {
  return ((await ifThere(readdir(directory))) ?? []).filter((name) => !name.startsWith('.'));
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
