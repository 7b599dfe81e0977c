import type { Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause, type CallContext } from '../lib/call-context';

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
const BLOCK_BYTES = 512;

/**
 * The size of what is below a directory, without itself. It stays on one file system and follows no symbolic link; what
 * vanishes meanwhile is not counted. A file with several names counts in equal parts at each of them, which needs no
 * memory of those seen. A container can rename while it is walked: it spoils its own number, until the next walk.
 * @throws when the directory itself can't be read, and the context's reason when that ends.
 */
export async function walkTree(ctx: CallContext, directory: string, budget: WalkBudget): Promise<TreeSize> {
  const { dev } = await lstat(directory);
  const pending = [directory];
  let [bytes, inodes, sinceRest] = [0, 0, 0];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for await (const files of filesIn(at)) {
      for (const { path, stats } of files) {
        if (stats.dev !== dev) continue;
        const share = stats.isDirectory() ? 1 : 1 / stats.nlink;
        bytes += stats.blocks * BLOCK_BYTES * share;
        inodes += share;
        if (stats.isDirectory() && pending.length < MOST_PENDING) pending.push(path);
      }
      sinceRest += files.length;
      if (sinceRest < budget.filesInARow) continue;
      sinceRest = 0;
      await pause(ctx, budget.restMs);
    }
  }
  return { bytes: BigInt(Math.round(bytes)), inodes: BigInt(Math.round(inodes)) };
}

async function* filesIn(directory: string): AsyncGenerator<{ path: string; stats: Stats }[]> {
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

async function statAll(directory: string, names: readonly string[]): Promise<{ path: string; stats: Stats }[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      try {
        return { path, stats: await lstat(path) };
      } catch (error) {
        if (hasVanished(error)) return undefined;
        throw error;
      }
    }),
  );
  return all.filter((file) => file !== undefined);
}

/** Removed, replaced by something that is no directory, or below a path that has grown too long. */
function hasVanished(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code);
}
