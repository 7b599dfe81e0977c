import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { NetnsConnector } from '../../src/host/netns/connector';
import { ShimError } from '../../src/lib/errors';
import { aCall } from '../support/a-call';
import { childrenWith, untilGone } from '../support/child-processes';
import { refusalOf } from '../support/refusal';

jest.setTimeout(60_000);

const BUNDLE = join(__dirname, '../../dist/dockershim.js');
const COMMAND = [process.execPath, BUNDLE, 'netns-connector'];
const HOST = ['127.0.0.1'];
const PORT = 7;

/** A process in a network namespace of its own, with an echo service behind its loopback. */
let inside: ChildProcess;
let insidePid: number;
const connectors: NetnsConnector[] = [];

beforeAll(async () => {
  const echo = `require('node:net').createServer({ allowHalfOpen: true }, (s) => s.pipe(s)).listen(${PORT}, '127.0.0.1')`;
  const args = ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" -e "$1"', process.execPath, echo];
  inside = spawn('unshare', args, { stdio: 'ignore' });
  insidePid = inside.pid ?? 0;
  await untilApart(insidePid);
  const connector = await open();
  const connects = (): Promise<boolean> =>
    connector.connect(aCall().ctx, HOST, PORT).then(
      (socket) => socket.destroy().destroyed,
      () => false,
    );
  while (!(await connects())) await new Promise((resolve) => setTimeout(resolve, 10));
});

/** Waits until the process has a network namespace of its own. */
async function untilApart(pid: number): Promise<void> {
  while ((await readlink(`/proc/${pid}/ns/net`)) === (await readlink('/proc/self/ns/net'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

afterEach(async () => {
  for (const connector of connectors.splice(0)) await connector.close();
});

afterAll(() => {
  inside.kill('SIGKILL');
});

async function open(pid = insidePid, command: readonly string[] = COMMAND): Promise<NetnsConnector> {
  const connector = await NetnsConnector.open(pid, command);
  connectors.push(connector);
  return connector;
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.end(text);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

it('connects in the namespace, not in its own', async () => {
  const connector = await open();
  const here = createServer().listen(0, '127.0.0.1');
  await once(here, 'listening');
  const { port } = here.address() as AddressInfo;

  expect(await refusalOf(connector.connect(aCall().ctx, HOST, port))).toBe(
    `Unavailable: connect ECONNREFUSED 127.0.0.1:${port}`,
  );
  expect(await echoed(await connector.connect(aCall().ctx, HOST, PORT), 'hello')).toBe('hello');
  here.close();
});

it('tries one address after the other, and tells the first refusal', async () => {
  const connector = await open();

  const socket = await connector.connect(aCall().ctx, ['127.0.0.2', '127.0.0.1'], PORT);

  expect(await echoed(socket, 'x')).toBe('x');
  expect(await refusalOf(connector.connect(aCall().ctx, ['127.0.0.3', '127.0.0.2'], PORT))).toMatch(/127\.0\.0\.3/);
});

it('gives two hundred at once what is theirs, from one process', async () => {
  const connector = await open();
  const sockets = await Promise.all(Array.from({ length: 200 }, () => connector.connect(aCall().ctx, HOST, PORT)));

  const answers = await Promise.all(sockets.map((socket, index) => echoed(socket, `${index}`)));

  expect(answers).toEqual(sockets.map((_, index) => `${index}`));
  expect(await childrenWith('netns-connector')).toHaveLength(1);
});

it('keeps its connections when it is closed, and makes no more', async () => {
  const connector = await open();
  const socket = await connector.connect(aCall().ctx, HOST, PORT);
  const [pid = 0] = await childrenWith('netns-connector');

  await connector.close();
  await untilGone(pid);

  expect(await echoed(socket, 'still there')).toBe('still there');
  expect(await refusalOf(connector.connect(aCall().ctx, HOST, PORT))).toMatch(/^Unavailable: .*given up/);
});

it('keeps its connections when its process is killed, and starts another one', async () => {
  const connector = await open();
  const socket = await connector.connect(aCall().ctx, HOST, PORT);
  const [pid = 0] = await childrenWith('netns-connector');

  process.kill(pid, 'SIGKILL');
  await untilGone(pid);

  expect(await echoed(socket, 'old')).toBe('old');
  expect(await echoed(await connector.connect(aCall().ctx, HOST, PORT), 'new')).toBe('new');
});

it('makes the connections anew that are being made when its process is killed, from one other process', async () => {
  const connector = await open();
  (await connector.connect(aCall().ctx, HOST, PORT)).destroy();
  const [pid = 0] = await childrenWith('netns-connector');
  process.kill(pid, 'SIGSTOP');
  const waiting = [1, 2, 3].map(() => connector.connect(aCall().ctx, HOST, PORT));

  process.kill(pid, 'SIGKILL');

  const sockets = await Promise.all(waiting);
  expect(await Promise.all(sockets.map((socket, index) => echoed(socket, `${index}`)))).toEqual(['0', '1', '2']);
  expect(await childrenWith('netns-connector')).toHaveLength(1);
});

it('fails them when it is closed meanwhile', async () => {
  const connector = await open();
  (await connector.connect(aCall().ctx, HOST, PORT)).destroy();
  const [pid = 0] = await childrenWith('netns-connector');
  process.kill(pid, 'SIGSTOP');
  const waiting = connector.connect(aCall().ctx, HOST, PORT);

  await connector.close();

  expect(await refusalOf(waiting)).toMatch(/^Unavailable: .*given up/);
});

it('says why its process cannot be started', async () => {
  const connector = await open(insidePid, ['/nowhere/node']);

  expect(await refusalOf(connector.connect(aCall().ctx, HOST, PORT))).toMatch(
    /^Unavailable: .*nsenter.*\/nowhere\/node: No such file/,
  );
});

it('stops waiting when the call ends', async () => {
  const connector = await open();
  (await connector.connect(aCall().ctx, HOST, PORT)).destroy();
  const [pid = 0] = await childrenWith('netns-connector');
  process.kill(pid, 'SIGSTOP');
  const call = aCall();
  const waiting = connector.connect(call.ctx, HOST, PORT);

  call.cancel();

  await expect(waiting).rejects.toBe(call.reason);
  process.kill(pid, 'SIGCONT');
});

it('holds the namespace that was there when it was opened', async () => {
  const other = spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' });
  await untilApart(other.pid ?? 0);
  const connector = await open(other.pid);
  other.kill('SIGKILL');
  await once(other, 'exit');

  expect(await refusalOf(connector.connect(aCall().ctx, HOST, PORT))).toMatch(/^Unavailable: connect E/);
});

it('needs a process to find a namespace by', async () => {
  await expect(NetnsConnector.open(2 ** 22 + 1, COMMAND)).rejects.toThrow(ShimError);
});

it('ends with the process that started it, even one that was killed', async () => {
  const script = `const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(BUNDLE)}, 'netns-connector'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }); console.log(child.pid);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];

  parent.kill('SIGKILL');

  await untilGone(Number(line.toString()));
});

it('is of no use to people', async () => {
  const child = spawn(process.execPath, [BUNDLE, 'netns-connector'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [[text], [code]] = (await Promise.all([once(child.stderr, 'data'), once(child, 'exit')])) as [
    [Buffer],
    [number],
  ];

  expect([code, text.toString()]).toEqual([2, 'dockershim: netns-connector is for the shim itself to start\n']);
});
