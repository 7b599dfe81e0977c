import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { TerminalSizes } from '../../../../src/streaming/remote-command/terminal-sizes';
import { connectWebSocket } from '../../../support/remote-command-client';
import { serve, textOf, type Served } from './served';

let served: Served;

beforeEach(async () => {
  served = await serve(async (_session, { stdin, stdout }) => {
    stdout?.write(stdin === undefined ? 'out' : await textOf(stdin));
    return 7;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await served.stop();
});

it.each([
  ['channel.k8s.io', Buffer.of(1), Buffer.from('\u0001out')],
  ['v4.channel.k8s.io', Buffer.of(1), Buffer.from('\u0001out')],
  ['v5.channel.k8s.io', Buffer.of(1), Buffer.from('\u0001out')],
  ['base64.channel.k8s.io', '1', '1b3V0'],
  ['v4.base64.channel.k8s.io', '1', '1b3V0'],
])('speaks %s: an empty message first, then the output', async (protocol, first, second) => {
  const client = await connectWebSocket(served.url({ stdout: true }), [protocol]);
  expect(client.socket.protocol).toBe(protocol);
  await client.finished();
  expect(client.messages.slice(0, 2)).toEqual([first, second]);
});

it('speaks to a client that names no protocol, and names none either', async () => {
  const client = await connectWebSocket(served.url({ stderr: true }), []);
  expect(client.socket.protocol).toBe('');
  await client.finished();
  expect(client.messages).toEqual([
    Buffer.of(2),
    Buffer.from('\u0003command terminated with non-zero exit code: exit status 7'),
  ]);
});

it('closes with the code that Go takes for a good end', async () => {
  const { socket } = await connectWebSocket(served.url({ stdout: true }));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1000);
});

it.each([
  [['v9.channel.k8s.io'], 403, 'GET'],
  [['v4.channel.k8s.io'], 405, 'POST'],
])('answers an offer of %j with %i to a %s', async (protocols, status, method) => {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    'sec-websocket-protocol': protocols.join(', '),
  };
  const outgoing = request(served.url({ stdout: true }), { method, headers });
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [{ statusCode: number; resume(): void }];
  expect(answer.statusCode).toBe(status);
  answer.resume();
});

it('ends the connection of a client whose close signal has the wrong length', async () => {
  const { socket } = await connectWebSocket(served.url({ stdin: true, stdout: true }));
  socket.send(Buffer.of(255, 0, 0));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1002);
});

it('ignores empty messages, strange channels, and signals that mean nothing', async () => {
  const client = await connectWebSocket(served.url({ stdin: true, stdout: true }));
  for (const message of [Buffer.alloc(0), Buffer.from([9, 1]), Buffer.of(255, 1)]) client.socket.send(message);
  client.write('in');
  client.endInput();
  await client.finished();
  expect(client.stdout().toString()).toBe('in');
});

it('knows no close signal before version 5', async () => {
  const client = await connectWebSocket(served.url({ stdin: true, stdout: true }), ['v4.channel.k8s.io']);
  client.socket.send(Buffer.of(255, 0));
  client.write('in');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  client.vanish();
});

it('reads no terminal sizes for a session without a terminal', async () => {
  const push = jest.spyOn(TerminalSizes.prototype, 'push');
  const client = await connectWebSocket(served.url({ stdin: true, stdout: true }));
  client.socket.send(Buffer.from('\u0004{"Width":80,"Height":24}'));
  client.endInput();
  await client.finished();
  expect(push).not.toHaveBeenCalled();
});

it('leaves others their turn, however many tiny messages come in one read', async () => {
  let turn = 0;
  const messages = new Map<number, number>();
  const tick = (): void => {
    turn += 1;
    timer = setImmediate(tick);
  };
  let timer = setImmediate(tick);
  const counting = await serve(async (_session, { stdin }) => {
    stdin?.on('data', () => messages.set(turn, (messages.get(turn) ?? 0) + 1));
    if (stdin) await once(stdin, 'end');
    return 0;
  });
  const client = await connectWebSocket(counting.url({ stdin: true, stdout: true }));
  for (let index = 0; index < 1000; index += 1) client.write('x');
  client.endInput();
  await client.finished();
  clearImmediate(timer);
  const counts = [...messages.values()];
  expect(counts.reduce((sum, count) => sum + count)).toBe(1000);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  await counting.stop();
});
