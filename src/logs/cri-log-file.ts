import { constants } from 'node:fs';
import { mkdir, open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, ShimError } from '../lib/errors';
import type { LogFileState } from '../store/log-offsets';
import { takeLinkAway } from './log-link';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/** A container's CRI log, which is only ever appended to. A kubelet may rename it at any time. */
export class CriLogFile {
  private constructor(
    private readonly file: FileHandle,
    readonly inode: string,
  ) {}

  /**
   * Opens the file at the path, which is made when it isn't there, readable for the group as other runtimes do it. Its
   * directory is not made.
   */
  static async open(path: string): Promise<CriLogFile> {
    // The path comes back from a label that anyone with access to Docker may have written: no link is followed.
    const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o640);
    const { ino } = await file.stat({ bigint: true });
    return new CriLogFile(file, String(ino));
  }

  async append(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await this.file.write(bytes, at, bytes.length - at)).bytesWritten;
  }

  /** Reads so many bytes from this offset on; fewer at the end of the file. */
  async read(into: Buffer, length: number, offset: number): Promise<number> {
    return (await this.file.read(into, 0, length, offset)).bytesRead;
  }

  async state(): Promise<LogFileState & { readonly unlinked: boolean }> {
    const { size, nlink } = await this.file.stat();
    return { inode: this.inode, size, unlinked: nlink === 0 };
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * The file for a container that is about to be started. A link to Docker's log, of an earlier attempt, makes room for it.
 * @throws ShimError FailedPrecondition when something else than a file is in the way, Internal when it can't be made.
 */
export async function createCriLog(path: string): Promise<CriLogFile> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await takeLinkAway(path);
    return await CriLogFile.open(path);
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError('Internal', `cannot open the container's log at ${path}: ${messageOf(error)}`, error);
  }
}

/**
 * Where the file with this inode is: at the path, or beside it under a name that a kubelet has given it. One that is not
 * found is looked for once more: it may have been renamed between the look at the names and the look at the files.
 */
export async function locate(path: string, inode: string): Promise<string | undefined> {
  return (await lookFor(path, inode)) ?? (await lookFor(path, inode));
}

async function lookFor(path: string, inode: string): Promise<string | undefined> {
  for (const candidate of [path, ...(await rotatedLogs(path))]) {
    const found = await stat(candidate, { bigint: true }).catch(() => undefined);
    if (String(found?.ino) === inode) return candidate;
  }
  return undefined;
}

/** A kubelet appends a time to the name. It compresses what it has rotated before: those are other files. */
async function rotatedLogs(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const rotated = names.filter((name) => name.startsWith(`${basename(path)}.`) && !/\.(gz|tmp)$/.test(name));
  return rotated.map((name) => join(dirname(path), name));
}
