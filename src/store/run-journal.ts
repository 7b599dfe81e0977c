import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, unwritable } from './atomic-file';

/**
 * Which sandboxes are being made just now, one file each with the pause container's name in it; that may be longer than a
 * file's name can be, so the file has its hash for a name. An entry that is there
 * when the shim starts, or when no call is at work on it, is of a run that was cut off: its container is half-made.
 * Without fsync: what a power cut takes away, it takes with the containers' processes.
 */
export class RunJournal {
  constructor(private readonly directory: string) {}

  /**
   * Answers whether there was an entry already: of a run that was cut off.
   * @throws ShimError ResourceExhausted on a full disk, otherwise Internal: then there is no entry that was not there before
   */
  async begin(name: string): Promise<{ interrupted: boolean }> {
    const file = this.fileOf(name);
    if ((await readIfAny(file)) !== '') return { interrupted: true };
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await writeFile(file, name, { mode: 0o600 });
    } catch (error) {
      // On a full disk the file is made, and empty. As an entry it would have a finished sandbox taken for half-made.
      await removeFile(file).catch(() => undefined);
      throw unwritable(file, error);
    }
    return { interrupted: false };
  }

  async end(name: string): Promise<void> {
    await removeFile(this.fileOf(name));
  }

  /** The names of the runs that have begun and not ended. */
  async unfinished(): Promise<string[]> {
    try {
      const files = await readdir(this.directory);
      const names = await Promise.all(files.map((file) => readIfAny(join(this.directory, file))));
      // An empty one was cut off before its run had made anything: the next run of the same name takes it over.
      return names.filter((name) => name !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private fileOf(name: string): string {
    return join(this.directory, createHash('sha256').update(name).digest('hex'));
  }
}

async function readIfAny(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
