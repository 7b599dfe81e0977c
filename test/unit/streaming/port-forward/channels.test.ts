import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { until } from '../../../support/until';
import { echo, Served } from './served';

/** A client that has a channel for each port's data and another one for its errors. */
class ChannelClient {
  readonly messages = new Map<number, Buffer[]>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (message: Buffer, isBinary) => this.hear(message, isBinary));
    socket.on('close', () => socket.emit('heard'));
  }

  static async connect(url: string, protocol: string): Promise<ChannelClient> {
    const client = new ChannelClient(new WebSocket(url.replace('http', 'ws'), protocol === '' ? [] : [protocol]));
    await once(client.socket, 'open');
    return client;
  }

  private get base64(): boolean {
    return this.socket.protocol.includes('base64');
  }

  say(channel: number, bytes: Buffer | string): void {
    const payload = Buffer.from(bytes);
    if (this.base64) this.socket.send(String.fromCharCode(0x30 + channel) + payload.toString('base64'));
    else this.socket.send(Buffer.concat([Buffer.of(channel), payload]));
  }

  /** What came on a channel after the port's number. */
  bytes(channel: number): Buffer {
    return Buffer.concat((this.messages.get(channel) ?? []).slice(1));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition() && this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'heard');
  }

  vanish(): void {
    this.socket.terminate();
  }

  private hear(message: Buffer, isBinary: boolean): void {
    if (isBinary === this.base64) throw new Error('a message of the wrong type');
    const channel = (message[0] ?? 0) - (this.base64 ? 0x30 : 0);
    const payload = this.base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    this.messages.set(channel, [...(this.messages.get(channel) ?? []), payload]);
    this.socket.emit('heard');
  }
}

let served: Served;

beforeEach(async () => {
  served = await Served.start();
});

afterEach(() => served.stop());

describe.each(['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''])('the channels of %j', (protocol) => {
  const connect = async (...ports: number[]) => served.with(await ChannelClient.connect(served.url(ports), protocol));

  it('begin with the port on both of its channels, in two bytes, the lower first', async () => {
    const ports = [await served.program(echo), await served.program(echo)];
    const client = await connect(...ports);
    await client.until(() => client.messages.size === 4);

    const numbers = [0, 1, 2, 3].map((channel) => client.messages.get(channel)?.[0]?.readUInt16LE());
    expect(numbers).toEqual(ports.flatMap((port) => [port, port]));
  });

  it('carry each port by itself', async () => {
    const client = await connect(await served.program(echo), await served.program(echo));
    client.say(2, 'second');
    client.say(0, 'first');
    await client.until(() => client.bytes(0).length === 5 && client.bytes(2).length === 6);

    expect([0, 1, 2, 3].map((channel) => client.bytes(channel).toString())).toEqual(['first', '', 'second', '']);
  });

  it('carry megabytes', async () => {
    const client = await connect(await served.program(echo));
    const bytes = randomBytes(3 * 1024 * 1024);
    for (let at = 0; at < bytes.length; at += 50_000) client.say(0, bytes.subarray(at, at + 50_000));
    await client.until(() => client.bytes(0).length === bytes.length);

    expect(client.bytes(0).equals(bytes)).toBe(true);
  });

  it('tell a refusal on the error channel, and close when no port is left', async () => {
    const gone = await served.program(echo);
    await served.closeProgram(gone);
    const client = await connect(gone);
    const [code] = (await once(client.socket, 'close')) as [number];

    expect(client.bytes(1).toString()).toMatch(
      new RegExp(`^error forwarding port ${gone} to pod pod, uid : connect ECONNREFUSED`),
    );
    expect(code).toBe(1000);
  });

  it('close when the last program has ended its connection, not before', async () => {
    let endSecond: (() => void) | undefined;
    const first = await served.program((socket) => socket.end('first'));
    const second = await served.program((socket) => (endSecond = () => socket.end('second')));
    const client = await connect(first, second);
    await client.until(() => client.bytes(0).toString() === 'first' && endSecond !== undefined);
    client.say(2, 'still there');
    expect(client.socket.readyState).toBe(WebSocket.OPEN);

    endSecond?.();
    const [code] = (await once(client.socket, 'close')) as [number];

    expect(client.bytes(2).toString()).toBe('second');
    expect(code).toBe(1000);
    await served.empty();
  });

  it('ignore what is for no port', async () => {
    const client = await connect(await served.program(echo));
    client.say(1, 'to an error channel');
    client.say(2, 'to a port that is not there');
    client.socket.send('');
    client.say(0, 'x');
    await client.until(() => client.bytes(0).length > 0);

    expect(client.bytes(0).toString()).toBe('x');
  });
});

describe('what is sent to a port that has ended holds nobody up', () => {
  const toBoth = async (ended: number): Promise<void> => {
    const ports = [ended, await served.program(echo)];
    const client = served.with(await ChannelClient.connect(served.url(ports), 'v4.channel.k8s.io'));
    await client.until(() => client.bytes(0).length + client.bytes(1).length > 0);
    for (let count = 0; count < 64; count += 1) client.say(0, Buffer.alloc(64 * 1024));
    client.say(2, 'for the other');
    await client.until(() => client.bytes(2).length > 0);
    expect(client.bytes(2).toString()).toBe('for the other');
  };

  it('after a refusal', async () => {
    const gone = await served.program(echo);
    await served.closeProgram(gone);
    await toBoth(gone);
  });

  it('after the end of the program', async () => {
    await toBoth(await served.program((socket) => socket.end('good bye')));
  });

  it('after the program broke off', async () => {
    await toBoth(
      await served.program((socket) => {
        socket.once('data', () => socket.resetAndDestroy()).write('reset me');
      }),
    );
  });
});

it('ends its connections into the pod when the client vanishes', async () => {
  const sockets: Socket[] = [];
  const port = await served.program((socket) => sockets.push(socket.resume()));
  const client = served.with(await ChannelClient.connect(served.url([port]), 'v4.channel.k8s.io'));
  await until(() => sockets.length > 0);

  client.vanish();

  await Promise.all(sockets.map((socket) => once(socket, 'end')));
  await served.empty();
});

it('does not read more from the client than the pod takes', async () => {
  const port = await served.program((socket) => void socket.pause());
  const client = served.with(await ChannelClient.connect(served.url([port]), 'v4.channel.k8s.io'));
  const part = Buffer.alloc(1024 * 1024);
  for (let count = 0; count < 64; count += 1) client.say(0, part);
  let before = -1;
  while (before !== client.socket.bufferedAmount) {
    before = client.socket.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  expect(client.socket.bufferedAmount).toBeGreaterThan(16 * 1024 * 1024);
});
