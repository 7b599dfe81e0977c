import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectories } from '../../../src/host/directory-lock';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';
import { refusalOf } from '../../support/refusal';

let root: string;
let log: LogLine[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-'));
  log = [];
});

afterEach(() => rmSync(root, { recursive: true }));

const lock = (...names: string[]) =>
  lockDirectories(
    { log: keptLog(log) },
    names.map((name) => `${root}/${name}`),
  );

it('gives a directory to one at a time, under whatever name', async () => {
  const unlock = await lock('a');
  symlinkSync(join(root, 'a'), join(root, 'other'));

  expect(existsSync(join(root, 'a'))).toBe(true);
  expect(await refusalOf(lock('other'))).toMatch(
    /^FailedPrecondition: another dockershim keeps its state in .*other: stop it, or give this one directories of its own \(--root-directory/,
  );

  await unlock();
  await (
    await lock('other')
  )();
});

it('gives another directory to another', async () => {
  const one = await lock('a');
  const other = await lock('b');
  await Promise.all([one(), other()]);
});

it('gives all of several or none', async () => {
  const one = await lock('b');

  expect(await refusalOf(lock('a', 'b'))).toMatch(/^FailedPrecondition: another dockershim keeps its state in .*b: /);
  const first = await lock('a');
  await one();
  await first();

  await (
    await lock('a', 'b')
  )();
});

it('takes one that is named twice', async () => {
  await (
    await lock('a', 'a/')
  )();
});

it('takes over what a process that was killed has left', async () => {
  const script = `require('net').createServer().listen(${JSON.stringify(join(root, 'dockershim.lock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(join(root, 'dockershim.lock'))).toBe(true);

  await (
    await lock('.')
  )();
  expect(log).toEqual([]);
  expect(existsSync(join(root, 'dockershim.lock'))).toBe(false);
});

it('is no reason not to serve where no lock can be', async () => {
  writeFileSync(join(root, 'file'), '');

  await (
    await lock('file/directory')
  )();
  expect(log).toMatchObject([{ level: 'warn', message: 'a directory is not locked against another shim' }]);
});
