import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketOwners } from '../../../../src/host/unix-socket/socket-owner';

let directory: string;
let server: Server;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'socket owner '));
  server = createServer();
});

afterEach(async () => {
  if (server.listening) await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

it('finds the process that listens, also on a path with blanks', async () => {
  const path = join(directory, 'a.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));

  const owners = await socketOwners(path);
  expect(owners.map(({ pid }) => pid)).toEqual([process.pid]);
  expect(owners[0]?.args[0]).toMatch(/node|jest/);
});

it('finds it when the socket was moved to its place', async () => {
  const path = join(directory, 'a.sock');
  const nursery = mkdtempSync(`${directory}/.`);
  await new Promise<void>((resolve) => server.listen(join(nursery, 'a.sock'), resolve));
  renameSync(join(nursery, 'a.sock'), path);

  expect((await socketOwners(path)).map(({ pid }) => pid)).toEqual([process.pid]);
  expect(await socketOwners(join(directory, 'b.sock'))).toEqual([]);
});

it('finds it by each name of its directory, as /run and /var/run are', async () => {
  mkdirSync(join(directory, 'run'));
  symlinkSync('run', join(directory, 'var-run'));
  const paths = ['run', 'var-run'].map((name) => join(directory, name, 'a.sock'));
  for (const bound of paths) {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(bound, resolve));
    for (const path of paths) expect((await socketOwners(path)).map(({ pid }) => pid)).toEqual([process.pid]);
    await new Promise((resolve) => server.close(resolve));
  }
});

it('finds nobody where nobody listens', async () => {
  expect(await socketOwners(join(directory, 'none.sock'))).toEqual([]);
});
