import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ShimError } from '../../../../src/lib/errors';
import type { DialPod } from '../../../../src/streaming/port-forward';
import { PortForwardClient, type Forwarded } from '../../../support/port-forward-client';
import { Served, echo } from './served';

const services: Served[] = [];

afterEach(async () => {
  for (const served of services.splice(0)) await served.stop();
});

async function start(dial?: DialPod, idleTimeoutMs?: number): Promise<Served> {
  const served = await Served.start(dial, idleTimeoutMs);
  services.push(served);
  return served;
}

const transports: [string, (url: string) => Promise<PortForwardClient>][] = [
  ['SPDY', (url) => PortForwardClient.connect(url)],
  ['SPDY in WebSocket', (url) => PortForwardClient.tunnel(url)],
];

describe.each(transports)('over %s', (_name, connectTo) => {
  async function connect(served: Served): Promise<PortForwardClient> {
    return served.with(await connectTo(served.url()));
  }

  it('carries bytes both ways, and both ends', async () => {
    const served = await start();
    const client = await connect(served);
    const forwarded = await client.open(await served.program(echo));

    forwarded.write('hello ');
    await forwarded.until((text) => text === 'hello ');
    forwarded.end('pod');
    await forwarded.ended();

    expect(forwarded.bytes().toString()).toBe('hello pod');
    expect(await forwarded.over()).toBe('');
  });

  it('carries many megabytes both ways, byte for byte', async () => {
    const served = await start();
    const client = await connect(served);
    const forwarded = await client.open(await served.program(echo));
    const bytes = randomBytes(16 * 1024 * 1024);

    await forwarded.send(bytes);
    forwarded.end();
    await forwarded.ended();

    expect(forwarded.bytes().equals(bytes)).toBe(true);
  });

  it('goes on hearing the pod when the client has said all', async () => {
    const served = await start();
    const client = await connect(served);
    const port = await served.program((socket) => {
      socket.resume().once('end', () => setTimeout(() => socket.end('the answer'), 50));
    });
    const forwarded = await client.open(port);

    forwarded.end('the question');
    await forwarded.ended();

    expect(forwarded.bytes().toString()).toBe('the answer');
    expect(await forwarded.over()).toBe('');
  });

  it('goes on hearing the client when the pod has said all', async () => {
    const served = await start();
    const client = await connect(served);
    const heard: string[] = [];
    const port = await served.program((socket) => {
      socket.end('only this').on('data', (part: Buffer) => heard.push(part.toString()));
      socket.once('end', () => heard.push('the end'));
    });
    const forwarded = await client.open(port);
    await forwarded.ended();

    forwarded.end('late words');
    await forwarded.over();

    expect(heard).toEqual(['late words', 'the end']);
  });

  it('tells a client that stays silent after the end of the pod that the connection is over', async () => {
    const served = await start();
    const client = await connect(served);
    const forwarded = await client.open(await served.program((socket) => socket.end('bye')));

    expect(await forwarded.over()).toBe('');
    expect(forwarded.bytes().toString()).toBe('bye');
  });

  it('keeps what the client sends before the pod is connected', async () => {
    const served = await start(async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return await served.dial(...args);
    });
    const client = await connect(served);
    const forwarded = await client.open(await served.program(echo));

    forwarded.end('early words');
    await forwarded.ended();

    expect(forwarded.bytes().toString()).toBe('early words');
  });

  it('tells a refusal on the error stream of its connection, and nothing else ends', async () => {
    const served = await start((id, port, ctx) => {
      if (port === 9) return Promise.reject(new ShimError('Unavailable', 'connect ECONNREFUSED 127.0.0.1:9'));
      return served.dial(id, port, ctx);
    });
    const client = await connect(served);
    const good = await client.open(await served.program(echo));
    good.write('one');
    await good.until((text) => text === 'one');

    const refused = await client.open(9);

    expect(await refused.over()).toBe('error forwarding port 9 to pod pod, uid : connect ECONNREFUSED 127.0.0.1:9');
    good.write(' two');
    await good.until((text) => text === 'one two');
  });

  it('ends its connections into the pod when the client vanishes', async () => {
    const served = await start();
    const client = await connect(served);
    const sockets: Socket[] = [];
    const port = await served.program((socket) => sockets.push(socket.resume()));
    for (let count = 0; count < 3; count += 1) (await client.open(port)).write('x');
    while (sockets.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));

    client.vanish();

    await Promise.all(sockets.map((socket) => once(socket, 'end')));
    await served.empty();
  });

  it('stops connecting when the client vanishes', async () => {
    const stopped: unknown[] = [];
    const served = await start(async (_id, _port, { signal }) => {
      await once(signal, 'abort');
      stopped.push(signal.reason);
      throw signal.reason;
    });
    const client = await connect(served);
    await client.open(80);

    client.vanish();
    await served.empty();

    expect(stopped).toEqual([expect.objectContaining({ kind: 'Cancelled' })]);
  });

  it('lets go of a connection whose second stream never comes', async () => {
    const served = await start();
    const client = await connect(served);
    const came: Socket[] = [];
    const port = await served.program((socket) => came.push(socket.resume()));
    client.spdy.open({ streamtype: 'error', port: `${port}`, requestid: 'x' });
    while (came.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

    client.vanish();

    await Promise.all(came.map((socket) => once(socket, 'end')));
    await served.empty();
  });

  it('ends one connection alone when its stream is reset', async () => {
    const served = await start();
    const client = await connect(served);
    const ended: string[] = [];
    const port = await served.program((socket) => {
      echo(socket);
      socket.once('data', (part: Buffer) => socket.once('end', () => ended.push(part.toString())));
    });
    const one = await client.open(port);
    const other = await client.open(port);
    one.write('one');
    other.write('other');
    await one.until((text) => text === 'one');
    await other.until((text) => text === 'other');

    one.reset();
    await one.over();
    other.end('!');
    await other.over();

    expect(ended).toEqual(['one', 'other']);
    expect(other.bytes().toString()).toBe('other!');
  });

  it('resets the stream whose program breaks off, without an error text: newer clients leave at one', async () => {
    const served = await start();
    const client = await connect(served);
    const port = await served.program((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const forwarded = await client.open(port);

    forwarded.write('x');

    expect(await forwarded.over()).toBe('');
    expect(client.spdy.heard(forwarded.data).reset).toBeDefined();
  });

  it('lets a connection go on whose neighbour does not read, up to the megabyte', async () => {
    const served = await start();
    const client = await connect(served);
    const stalled = await client.open(await served.program((socket) => void socket.pause()));
    const other = await client.open(await served.program(echo));

    stalled.write(randomBytes(1024 * 1024 - 1));
    const bytes = randomBytes(4 * 1024 * 1024);
    await other.send(bytes);
    other.end();
    await other.ended();

    expect(other.bytes().equals(bytes)).toBe(true);
  });

  it('carries two hundred connections at once', async () => {
    const served = await start();
    const client = await connect(served);
    const port = await served.program(echo);

    const all: Forwarded[] = await Promise.all(Array.from({ length: 200 }, () => client.open(port)));
    all.forEach((forwarded, index) => forwarded.end(`number ${index}`));
    await Promise.all(all.map((forwarded) => forwarded.over()));

    expect(all.map((forwarded) => forwarded.bytes().toString())).toEqual(all.map((_, index) => `number ${index}`));
  });

  it('ends after a time without data, whatever pings come', async () => {
    const served = await start(undefined, 100);
    const client = await connect(served);
    const forwarded = await client.open(await served.program(echo));
    forwarded.write('x');
    const pinging = setInterval(() => client.spdy.frame({ type: 'PING', id: 1 }), 20);

    await client.closed();
    clearInterval(pinging);

    await served.empty();
  });

  it('ends with its sandbox, and leaves the sessions of others', async () => {
    const served = await start();
    const client = await connect(served);
    const forwarded = await client.open(await served.program(echo));
    forwarded.write('x');
    await forwarded.until((text) => text === 'x');

    served.server.endPortForwards('another pod');
    forwarded.write('y');
    await forwarded.until((text) => text === 'xy');
    served.server.endPortForwards('pod');

    await client.closed();
    await served.empty();
  });
});
