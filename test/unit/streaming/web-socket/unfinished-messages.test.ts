import { once } from 'node:events';
import { WebSocket } from 'ws';
import { serve, type Served } from '../remote-command/served';

const MIB = 1024 * 1024;

let served: Served;
let sockets: WebSocket[];

beforeEach(async () => {
  sockets = [];
  // Each session lasts as long as its client.
  served = await serve(async (_session, _streams, { signal }) => {
    await once(signal, 'abort');
    return 0;
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await served.stop();
});

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(served.url({ stdout: true }), ['v5.channel.k8s.io'], { perMessageDeflate: false });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

/** Sends a message without its end. */
function begin(socket: WebSocket, length: number): void {
  for (let sent = 0; sent < length; sent += MIB) socket.send(Buffer.alloc(Math.min(MIB, length)), { fin: false });
}

/** Whatever was sent before it has been taken. */
async function roundTrip(socket: WebSocket): Promise<void> {
  socket.ping();
  await once(socket, 'pong');
}

const open = (): number => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;

it('ends the connection whose message is too much for all together, and no other', async () => {
  const few = await connect();
  begin(few, 1000);
  const many = [await connect(), await connect(), await connect()];
  const first = Promise.race(many.map((socket) => once(socket, 'close')));
  for (const socket of many) begin(socket, 24 * MIB);
  await first;
  const left = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
  await Promise.all(left.map(roundTrip));
  expect(left).toContain(few);
  expect(open()).toBe(3);
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
  expect(open()).toBe(4);
});
