import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walkTree } from '../../../src/stats/layer-walk';
import { aCall } from '../../support/a-call';

const BUDGET = { filesInARow: 1000, restMs: 1 };

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dockershim-layer-walk-'));
});

afterEach(() => rm(root, { recursive: true }));

const walk = (budget = BUDGET) => walkTree(aCall().ctx, root, budget);

test('an empty tree has nothing', async () => {
  expect(await walk()).toEqual({ bytes: 0n, inodes: 0n });
});

test('counts files and directories at every depth, and the disk that they take', async () => {
  await mkdir(join(root, 'a/b/c'), { recursive: true });
  await writeFile(join(root, 'a/b/c/file'), Buffer.alloc(100_000, 1));
  await writeFile(join(root, 'empty'), '');

  const { bytes, inodes } = await walk();

  expect(inodes).toBe(5n);
  expect(bytes).toBeGreaterThanOrEqual(100_000n);
});

test('counts all of a large directory, with rests', async () => {
  await Promise.all(Array.from({ length: 500 }, (_none, index) => writeFile(join(root, `${index}`), '')));

  expect((await walk({ filesInARow: 10, restMs: 1 })).inodes).toBe(500n);
});

test('counts a file with several names once', async () => {
  await writeFile(join(root, 'one'), Buffer.alloc(300_000, 1));
  const alone = await walk();

  await link(join(root, 'one'), join(root, 'two'));
  await link(join(root, 'one'), join(root, 'three'));

  expect(await walk()).toEqual(alone);
});

test('follows no symbolic link', async () => {
  await symlink('/', join(root, 'everything'));

  expect((await walk()).inodes).toBe(1n);
});

describe('a directory that is exchanged for a symbolic link in a rest', () => {
  const ONE_BY_ONE = { filesInARow: 1, restMs: 1 };

  /** Walks a tree while, in a rest of the walk, `name` in it becomes a link to `elsewhere` beside it. */
  async function walkWhile(name: string, atRest: number): Promise<bigint> {
    const call = aCall();
    const [tree, moved, elsewhere] = ['tree', 'moved', 'elsewhere'].map((below) => join(root, below)) as [
      string,
      string,
      string,
    ];
    for (const index of [1, 2, 3, 4, 5, 6, 7]) await mkdir(join(elsewhere, `inner/${index}`), { recursive: true });
    await mkdir(join(tree, 'outer/inner'), { recursive: true });
    await writeFile(join(tree, 'outer/inner/file'), '');
    let rests = 0;
    const listen = call.ctx.signal.addEventListener.bind(call.ctx.signal);
    jest.spyOn(call.ctx.signal, 'addEventListener').mockImplementation((...args: Parameters<typeof listen>) => {
      rests += 1;
      if (rests === atRest) {
        renameSync(join(tree, name), moved);
        symlinkSync(elsewhere, join(tree, name));
      }
      listen(...args);
    });
    return (await walkTree(call.ctx, tree, ONE_BY_ONE)).inodes;
  }

  test('is not gone into', async () => {
    expect(await walkWhile('outer', 1)).toBe(1n);
  });

  test('leads nowhere else from what was found inside of it', async () => {
    expect(await walkWhile('outer', 2)).toBe(3n);
  });
});

test('a tree that is very deep is counted as far as directories may be open', async () => {
  await mkdir(join(root, 'a/'.repeat(600)), { recursive: true });

  expect((await walk()).inodes).toBe(512n);
});

test('leaves no directory open, even when it ends early', async () => {
  const call = aCall();
  await mkdir(join(root, 'a/b/c'), { recursive: true });
  const openDirectories = () => readdirSync('/proc/self/fd').length;
  const before = openDirectories();

  await walk();
  const walking = walkTree(call.ctx, root, { filesInARow: 3, restMs: 60_000 });
  while (openDirectories() < before + 3) await new Promise((resolve) => setTimeout(resolve, 1));
  call.cancel();

  await expect(walking).rejects.toBe(call.reason);
  expect(openDirectories()).toBe(before);
});

test('a directory that is not there is an error', async () => {
  await expect(walkTree(aCall().ctx, join(root, 'nowhere'), BUDGET)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('ends with its context', async () => {
  const call = aCall();
  await Promise.all([1, 2, 3].map((index) => writeFile(join(root, `${index}`), '')));

  const walking = walkTree(call.ctx, root, { filesInARow: 1, restMs: 60_000 });
  call.cancel();

  await expect(walking).rejects.toBe(call.reason);
});
