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
