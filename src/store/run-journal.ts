import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, unwritable } from './atomic-file';
import { namesIn, textIfThere } from './present-files';

/**
 * Which sandboxes are being made just now: one file each, with the pause container's name in it. A file is named by the
 * hash of that name, which may be longer than file names can be. An entry that is there when the shim starts, or while no
 * call works on its sandbox, is left over from a run that was cut off: its container is half-made.
 * There is no fsync: a power cut that loses an entry ends the containers' processes too.
 */
export class RunJournal {
  constructor(private readonly directory: string) {}

  /**
   * Answers whether there was an entry already: of a run that was cut off.
   * @throws ShimError ResourceExhausted on a full disk, otherwise Internal: then there is no entry that was not there before
   */
  async begin(name: string): Promise<{ interrupted: boolean }> {
    const file = this.fileOf(name);
    if (isEntry(await textIfThere(file))) return { interrupted: true };
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
    const files = await namesIn(this.directory);
    const names = await Promise.all(files.map((file) => textIfThere(join(this.directory, file))));
    return names.filter(isEntry);
  }

  private fileOf(name: string): string {
    return join(this.directory, createHash('sha256').update(name).digest('hex'));
  }
}

/** An empty file was cut off before its run had made anything: the next run of the same name takes it over. */
function isEntry(name: string | undefined): name is string {
  return name !== undefined && name !== '';
}
