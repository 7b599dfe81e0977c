import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../src/host/directory-lock';
import { refusalOf } from '../../support/refusal';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('gives a directory to one at a time, under whatever name', async () => {
  const unlock = await lockDirectory(join(root, 'a'), '--root-directory');
  symlinkSync(join(root, 'a'), join(root, 'other'));

  expect(existsSync(join(root, 'a'))).toBe(true);
  expect(await refusalOf(lockDirectory(join(root, 'other'), '--root-directory'))).toMatch(
    /^FailedPrecondition: another dockershim keeps its state in .*other: stop it, or give this one --root-directory of its own/,
  );

  await unlock();
  await (
    await lockDirectory(join(root, 'other'), '--root-directory')
  )();
});

it('gives another directory to another', async () => {
  const one = await lockDirectory(join(root, 'a'), '--root-directory');
  const other = await lockDirectory(join(root, 'b'), '--root-directory');
  await Promise.all([one(), other()]);
});
