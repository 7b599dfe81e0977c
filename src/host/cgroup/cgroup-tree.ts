import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The directories of a cgroup and of all that were made inside of it, without those that go away meanwhile. */
export async function cgroupTree(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const inside = entries.filter((entry) => entry.isDirectory());
    const below = await Promise.all(inside.map(({ name }) => cgroupTree(join(directory, name))));
    return [directory, ...below.flat()];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENODEV is of one that was removed while its directory was open.
    if (code === 'ENOENT' || code === 'ENODEV') return [];
    throw error;
  }
}
