import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { OpeningLimits } from '../../../src/lib/opening-connections';
import { connectSpdy, exitCodeIn } from '../../support/remote-command-client';
import { serve, type Served } from './remote-command/served';

/** Clients that hold connections for nothing: they are gone in time, and the others are served meanwhile. */
const CROWD = 2000;
/** Fewer than the kernel lets wait to be accepted: the others would be connected to nobody. */
const AT_ONCE = 200;
const HELLO = 'GET /exec/x HTTP/1.1\r\nHost: x\r\n';

let served: Served;
let port: number;
let clients: Socket[];

async function serving(exitCode: number, opening?: OpeningLimits): Promise<void> {
  served = await serve(() => Promise.resolve(exitCode), 60_000, { ...(opening && { opening }) });
  port = Number(new URL(served.url({})).port);
}

beforeEach(() => (clients = []));
afterEach(async () => {
  for (const client of clients) client.destroy();
  await served.stop();
});

/** @param stays whether it keeps its half when the server has ended its own */
function client(stays: boolean): Socket {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: stays });
  socket.on('error', () => undefined).resume();
  clients.push(socket);
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Whoever keeps its half finds out by writing that the server has cut the connection. */
async function cut(socket: Socket): Promise<void> {
  const knock = setInterval(() => socket.write('x'), 50);
  await closed(socket);
  clearInterval(knock);
}

it('serves an exec beside two thousand connections that ask for nothing, and those are cut off', async () => {
  await serving(7, { most: 1000, ms: 1000 });
  for (let come = 0; come < CROWD; come += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => once(client(false), 'connect')));
  }

  const exec = await connectSpdy(served.url({ stdout: true }), { stdout: true });
  await exec.finished();
  expect(exitCodeIn(exec.errorText())).toBe(7);

  await Promise.all(clients.map(closed));
});

it.each([
  ['sends its headers drop by drop', HELLO],
  ['asks for what is not there, and stays', `${HELLO}\r\n`],
  ['is refused an upgrade, and stays', `${HELLO}Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`],
])('cuts off a client that %s', async (_what, words) => {
  await serving(0, { most: 1000, ms: 1000 });
  const socket = client(true);
  socket.write(words);
  await cut(socket);
});

it('cuts off a client whose upgrade asks for what nobody speaks, and that stays', async () => {
  await serving(0);
  const path = new URL(served.url({})).pathname;
  const socket = client(true);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`);
  await cut(socket);
  expect(served.server.running).toBe(0);
});
