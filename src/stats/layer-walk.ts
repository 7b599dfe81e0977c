import { closeSync, constants, fstatSync, open, type Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { pause, type CallContext } from '../lib/call-context';

const openFile = promisify(open);

export interface TreeSize {
  /** On disk: what `du` counts. */
  readonly bytes: bigint;
  /** Files, directories and everything else with an inode. */
  readonly inodes: bigint;
}

export interface WalkBudget {
  /** After so many files the walk rests. */
  readonly filesInARow: number;
  readonly restMs: number;
}

/** Looked at side by side: as many as one read of a directory brings. */
const AT_ONCE = 32;
/** Directories that are known and not yet read; a tree with more is counted without the rest. */
const MOST_PENDING = 100_000;
/** Directories inside of each other that are read, each of which stays open meanwhile; what is below is not counted. */
const DEEPEST = 512;
const BLOCK_BYTES = 512;

/**
 * The size of what is below a directory, without itself. It stays on one file system and follows no symbolic link; what
 * vanishes meanwhile is not counted. A file with several names counts in equal parts at each of them, which needs no
 * memory of those seen. A container can rename while it is walked: it spoils its own number, until the next walk.
 * @throws when the directory itself can't be read, and the context's reason when that ends.
 */
export async function walkTree(ctx: CallContext, directory: string, budget: WalkBudget): Promise<TreeSize> {
  const root = await openDirectory(directory);
  try {
    const walk = new Walk(ctx, budget, fstatSync(root).dev);
    await walk.below(root, 1);
    return walk.size;
  } finally {
    closeSync(root);
  }
}

/**
 * Goes down by descriptors: a container can exchange a directory for a symbolic link at any time, and to follow that on the
 * host may hang for ever, as a dead NFS mount does. So each name is looked up alone, in its open parent.
 */
class Walk {
  private bytes = 0;
  private inodes = 0;
  private sinceRest = 0;
  private pending = 0;

  constructor(
    private readonly ctx: CallContext,
    private readonly budget: WalkBudget,
    private readonly dev: number,
  ) {}

  get size(): TreeSize {
    return { bytes: BigInt(Math.round(this.bytes)), inodes: BigInt(Math.round(this.inodes)) };
  }

  /**
   * @param directory its descriptor.
   * @param depth that of the tree's own directory is 1.
   */
  async below(directory: number, depth: number): Promise<void> {
    const path = `/proc/self/fd/${directory}`;
    const children = await this.count(path, depth < DEEPEST);
    for (let name = children.pop(); name !== undefined; name = children.pop()) {
      this.pending -= 1;
      const child = await unlessVanished(openDirectory(`${path}/${name}`));
      if (child === undefined) continue;
      try {
        if (fstatSync(child).dev === this.dev) await this.below(child, depth + 1);
      } finally {
        closeSync(child);
      }
    }
  }

  /** Counts what is in a directory. Answers with the names of the directories to go on with. */
  private async count(directory: string, goOn: boolean): Promise<string[]> {
    const children: string[] = [];
    for await (const files of filesIn(directory)) {
      for (const { name, stats } of files) {
        if (stats.dev !== this.dev) continue;
        const share = stats.isDirectory() ? 1 : 1 / stats.nlink;
        this.bytes += stats.blocks * BLOCK_BYTES * share;
        this.inodes += share;
        if (!stats.isDirectory() || !goOn || this.pending === MOST_PENDING) continue;
        children.push(name);
        this.pending += 1;
      }
      await this.rest(files.length);
    }
    return children;
  }

  private async rest(files: number): Promise<void> {
    this.sinceRest += files;
    if (this.sinceRest < this.budget.filesInARow) return;
    this.sinceRest = 0;
    await pause(this.ctx, this.budget.restMs);
  }
}

/** A bare descriptor: what is asked of it waits for no disk, so it needs none of a FileHandle's turns in the thread pool. */
function openDirectory(path: string): Promise<number> {
  return openFile(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

async function* filesIn(directory: string): AsyncGenerator<{ name: string; stats: Stats }[]> {
  let names: string[] = [];
  try {
    for await (const { name } of await opendir(directory, { bufferSize: AT_ONCE })) {
      names.push(name);
      if (names.length < AT_ONCE) continue;
      yield await statAll(directory, names);
      names = [];
    }
  } catch (error) {
    if (!hasVanished(error)) throw error;
  }
  yield await statAll(directory, names);
}

async function statAll(directory: string, names: readonly string[]): Promise<{ name: string; stats: Stats }[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const stats = await unlessVanished(lstat(`${directory}/${name}`));
      return stats && { name, stats };
    }),
  );
  return all.filter((file) => file !== undefined);
}

async function unlessVanished<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (hasVanished(error)) return undefined;
    throw error;
  }
}

/** Removed, replaced by something that is no directory, or of a name that is no UTF-8 and has grown too long as such. */
function hasVanished(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code);
}
