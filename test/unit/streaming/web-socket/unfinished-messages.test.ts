import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';
import type { RunRemoteCommand } from '../../../../src/streaming/remote-command';
import { serve, type Served } from '../remote-command/served';

const MIB = 1024 * 1024;

let served: Served;
let sockets: WebSocket[];
let lines: LogLine[];

beforeEach(async () => {
  sockets = [];
  lines = [];
  // Each session lasts as long as its client.
  const run: RunRemoteCommand = async (_session, _streams, { signal }) => {
    await once(signal, 'abort');
    return 0;
  };
  served = await serve(run, 60_000, { log: keptLog(lines) });
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await served.stop();
});

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(served.url({ stdout: true }), ['v5.channel.k8s.io'], { perMessageDeflate: false });
  socket.on('error', () => undefined);
  for (const event of ['pong', 'close']) socket.on(event, () => socket.emit('taken'));
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

/** Sends a message without its end. */
function begin(socket: WebSocket, length: number): void {
  for (let sent = 0; sent < length; sent += MIB) socket.send(Buffer.alloc(Math.min(MIB, length)), { fin: false });
}

const LONGEST_PING = Buffer.alloc(125);

/** Whatever was sent before it has been taken, or the connection has been ended. */
async function roundTrip(socket: WebSocket): Promise<void> {
  socket.ping(LONGEST_PING);
  if (socket.readyState === WebSocket.OPEN) await once(socket, 'taken');
}

const open = () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);

it('ends the connection whose message is too much for all together, and no other', async () => {
  const few = await connect();
  begin(few, 1000);
  const many = [await connect(), await connect(), await connect()];
  const first = Promise.race(many.map((socket) => once(socket, 'close')));
  for (const socket of many) begin(socket, 24 * MIB);
  await first;
  const left = open();
  await Promise.all(left.map(roundTrip));
  expect(left).toContain(few);
  expect(open()).toHaveLength(3);
});

it('counts a message out when its end has come, and a connection that has gone', async () => {
  for (let count = 0; count < 4; count += 1) {
    const socket = await connect();
    begin(socket, 24 * MIB);
    socket.send('', { fin: true });
    await roundTrip(socket);
    const other = await connect();
    begin(other, 24 * MIB);
    await roundTrip(other);
    other.terminate();
    while (served.server.running > count + 1) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(open()).toHaveLength(4);
});

it('counts pings and pongs out, which a client sends for as long as its session lasts', async () => {
  const pinger = await connect();
  // Of either kind more than a connection may hold in any case.
  for (let count = 0; count < 600; count += 1) {
    pinger.pong(LONGEST_PING);
    await roundTrip(pinger);
  }
  for (const length of [31 * MIB, 31 * MIB, MIB, 900_000, 60_000, 60_000, 60_000]) {
    const socket = await connect();
    begin(socket, length);
    await roundTrip(socket);
  }
  await roundTrip(pinger);
  expect(open()).toHaveLength(8);
});

it('counts nothing that follows the close frame of a client: nobody keeps it', async () => {
  const socket = await rawConnection();
  socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
  await once(socket, 'data');
  for (let sent = 0; sent < 72; sent += 1) socket.write(Buffer.alloc(MIB));
  socket.end();
  await once(socket, 'close');
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
});

/** A connection that has become a WebSocket, on which a test writes the frames itself. */
async function rawConnection(): Promise<Socket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  };
  const asked = request(served.url({ stdout: true }), { headers }).end();
  const [, socket] = (await once(asked, 'upgrade')) as [unknown, Socket];
  socket.on('error', () => undefined);
  return socket;
}
