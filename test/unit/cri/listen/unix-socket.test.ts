import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '../../../../src/config/endpoint';
import { listenOnPath } from '../../../../src/cri/listen/unix-socket';

let directory: string;
let servers: Server[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'listen-'));
  servers = [];
});

afterEach(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

function newServer(): Server {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello'));
  servers.push(server);
  return server;
}

/** A socket file whose process was killed: Node removes its file on a clean end. */
function leaveStaleSocket(path: string): void {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
  expect(lstatSync(path).isSocket()).toBe(true);
}

function greeting(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    connect(path)
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}

test('the directory is made, the socket is served with mode 0660, and nothing else is left beside it', async () => {
  const path = join(directory, 'a/b/dockershim.sock');
  await listenOnPath(newServer(), path);
  expect(await greeting(path)).toBe('hello');
  expect(lstatSync(path).mode & 0o7777).toBe(0o660);
  expect(lstatSync(join(directory, 'a')).mode & 0o7777).toBe(0o755);
  expect(readdirSync(join(directory, 'a/b'))).toEqual(['dockershim.sock']);
});

test('a directory that exists keeps its mode', async () => {
  chmodSync(directory, 0o710);
  await listenOnPath(newServer(), join(directory, 'x.sock'));
  expect(lstatSync(directory).mode & 0o7777).toBe(0o710);
});

test('the longest path that an endpoint may have is served', async () => {
  const path = join(directory, 'x'.repeat(MAX_SOCKET_PATH_BYTES - directory.length - 1));
  expect(Buffer.byteLength(path)).toBe(MAX_SOCKET_PATH_BYTES);
  await listenOnPath(newServer(), path);
  expect(await greeting(path)).toBe('hello');
});

test('a socket that nobody serves any more is replaced', async () => {
  const path = join(directory, 'x.sock');
  leaveStaleSocket(path);
  await listenOnPath(newServer(), path);
  expect(await greeting(path)).toBe('hello');
});

test('a socket that is served is refused, and goes on being served', async () => {
  const path = join(directory, 'x.sock');
  await listenOnPath(newServer(), path);
  const second = newServer();
  await expect(listenOnPath(second, path)).rejects.toMatchObject({
    kind: 'FailedPrecondition',
    message: expect.stringMatching(/x\.sock: another process serves it/) as string,
  });
  expect(second.listening).toBe(false);
  expect(await greeting(path)).toBe('hello');
  expect(readdirSync(directory)).toEqual(['x.sock']);
});

test('where systemd listens, its unit is named, and the way to the sockets that it passes on', async () => {
  const path = join(directory, 'x.sock');
  // A process of that name stands for systemd's.
  const program = `process.title = 'systemd'; require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const systemd = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(systemd.stdout, 'data');
    await expect(listenOnPath(newServer(), path)).rejects.toMatchObject({
      kind: 'FailedPrecondition',
      message: expect.stringMatching(
        /x\.sock: systemd listens there for a socket unit; stop that unit, or serve on fd:\/\/ if/,
      ) as string,
    });
  } finally {
    systemd.kill();
  }
});

test.each([
  ['a directory', (path: string) => mkdirSync(path)],
  ['a regular file', (path: string) => writeFileSync(path, 'precious')],
  ['a symbolic link', (path: string) => symlinkSync('/nowhere', path)],
  ['a named pipe', (path: string) => void execFileSync('mkfifo', [path])],
])('%s is refused by name and left as it is', async (what, make) => {
  const path = join(directory, 'x.sock');
  make(path);
  const before = lstatSync(path);
  await expect(listenOnPath(newServer(), path)).rejects.toMatchObject({
    kind: 'FailedPrecondition',
    message: expect.stringContaining(`it is ${what}, not a socket`) as string,
  });
  expect(lstatSync(path).ino).toBe(before.ino);
});

test('a directory that cannot be made is a clear error', async () => {
  writeFileSync(join(directory, 'file'), '');
  await expect(listenOnPath(newServer(), join(directory, 'file/x.sock'))).rejects.toMatchObject({
    kind: 'FailedPrecondition',
    message: expect.stringMatching(/cannot listen on .*file\/x\.sock: E/) as string,
  });
});

test('the file is removed while it is ours', async () => {
  const path = join(directory, 'x.sock');
  const remove = await listenOnPath(newServer(), path);
  await remove();
  expect(existsSync(path)).toBe(false);
  await remove();
});

test('the socket of a successor is left alone, by the removal and by the closing of the server', async () => {
  const path = join(directory, 'x.sock');
  const first = newServer();
  const remove = await listenOnPath(first, path);
  rmSync(path);
  await listenOnPath(newServer(), path);
  await remove();
  await new Promise((resolve) => first.close(resolve));
  expect(await greeting(path)).toBe('hello');
});
