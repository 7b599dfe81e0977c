import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from './atomic-file';

/**
 * Which sandboxes are being made just now, one empty file each, named as the pause container. An entry that is there
 * when the shim starts, or when no call is at work on it, is of a run that was cut off: its container is half-made.
 * Without fsync: what a power cut takes away, it takes with the containers' processes.
 */
export class RunJournal {
  constructor(private readonly directory: string) {}

  /** Answers whether there was an entry already: of a run that was cut off. */
  async begin(name: string): Promise<{ interrupted: boolean }> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    try {
      await writeFile(join(this.directory, name), '', { mode: 0o600, flag: 'wx' });
      return { interrupted: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { interrupted: true };
      throw error;
    }
  }

  async end(name: string): Promise<void> {
    await removeFile(join(this.directory, name));
  }

  /** The names of the runs that have begun and not ended. */
  async unfinished(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
