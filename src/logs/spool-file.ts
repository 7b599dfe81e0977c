import { open, stat, type FileHandle } from 'node:fs/promises';
import { whileDoing } from '../lib/errors';

/** One of the files of Docker's json-file log. Held open, it can be read to its end after Docker has removed it. */
export class SpoolFile {
  /** @param path where it was when it was opened */
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    readonly inode: bigint,
  ) {}

  /** Undefined when it isn't there. */
  static async open(path: string): Promise<SpoolFile | undefined> {
    try {
      const file = await open(path, 'r');
      return new SpoolFile(path, file, (await file.stat({ bigint: true })).ino);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  is(other: SpoolFile): boolean {
    return this.inode === other.inode;
  }

  /** Whether it is the file at this path, where Docker writes. While it is held open, its inode is given to no other. */
  async isAt(path: string): Promise<boolean> {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found?.ino === this.inode;
  }

  async read(into: Buffer, length: number, offset: number): Promise<number> {
    try {
      return (await this.file.read(into, 0, length, offset)).bytesRead;
    } catch (error) {
      throw whileDoing(`read docker's log ${this.path}`, error);
    }
  }

  async size(): Promise<number> {
    return (await this.file.stat()).size;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * Opens the files of a log that are newer than `known`, oldest first: `path` is the newest, then come `path.1` and so on.
 * They are looked at from the newest on: Docker may be renaming them to older names meanwhile, and so none is missed.
 * `gap` tells that `known` is not there any more.
 */
export async function openNewer(
  path: string,
  known: SpoolFile | undefined,
): Promise<{ files: SpoolFile[]; gap: boolean }> {
  const files: SpoolFile[] = [];
  // While Docker renames them there is a hole, one file wide.
  for (let number = 0, missing = 0; missing < 2; number += 1) {
    const file = await SpoolFile.open(number === 0 ? path : `${path}.${number}`);
    missing = file === undefined ? missing + 1 : 0;
    if (file === undefined) continue;
    const isKnown = known?.is(file) === true;
    if (isKnown || files.some((newer) => newer.is(file))) await file.close();
    else files.unshift(file);
    if (isKnown) return { files, gap: false };
  }
  return { files, gap: known !== undefined };
}
