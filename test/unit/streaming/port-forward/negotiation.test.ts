import { once } from 'node:events';
import { WebSocket } from 'ws';
import { PortForwardClient } from '../../../support/port-forward-client';
import { askForSpdy } from '../../../support/remote-command-client';
import { WebSocketTunnel } from '../../../support/web-socket-tunnel';
import { echo, Served } from './served';

let served: Served;

beforeEach(async () => {
  served = await Served.start();
});

afterEach(() => served.stop());

describe('SPDY', () => {
  it('answers the protocol that both know, and is silent until the client has spoken', async () => {
    const { answer, socket, head } = await askForSpdy(served.url(), ['v9.portforward.k8s.io', 'portforward.k8s.io']);
    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(answer.statusCode).toBe(101);
    expect(answer.headers).toMatchObject({
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': 'portforward.k8s.io',
    });
    expect([head?.length, socket?.bytesRead]).toEqual([0, expect.any(Number)]);
    expect(socket?.read()).toBeNull();
    socket?.destroy();
  });

  it('is refused without a protocol, and with unknown ones alone', async () => {
    const nothing = await askForSpdy(served.url(), []);
    const unknown = await askForSpdy(served.url(), ['v4.channel.k8s.io']);

    expect([nothing.answer.statusCode, nothing.text]).toEqual([
      400,
      expect.stringContaining('X-Stream-Protocol-Version'),
    ]);
    expect([unknown.answer.statusCode, unknown.text]).toEqual([403, expect.stringContaining('v4.channel.k8s.io')]);
    expect(unknown.answer.headers['x-accepted-stream-protocol-versions']).toBe('portforward.k8s.io');
  });

  it('serves a URL once', async () => {
    const url = served.url();
    served.with(await PortForwardClient.connect(url));

    expect((await askForSpdy(url, ['portforward.k8s.io'])).answer.statusCode).toBe(404);
  });
});

describe('WebSocket', () => {
  async function protocolOf(names: string[], ports: readonly number[] = [80]): Promise<string> {
    const socket = new WebSocket(served.url(ports).replace('http', 'ws'), names);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.terminate();
    return socket.protocol;
  }

  it.each([
    [['v4.channel.k8s.io'], 'v4.channel.k8s.io'],
    [['v9.channel.k8s.io', 'v4.base64.channel.k8s.io', 'v4.channel.k8s.io'], 'v4.base64.channel.k8s.io'],
    [[], ''],
  ])('of %j speaks %j', async (names, chosen) => {
    expect(await protocolOf(names)).toBe(chosen);
  });

  it('is granted SPDY inside by its full name, with a slash', async () => {
    const tunnel = await WebSocketTunnel.connect(served.url());

    expect(tunnel.answered['sec-websocket-protocol']).toBe('SPDY/3.1+portforward.k8s.io');
    tunnel.destroy();
  });

  it.each([
    [403, ['v5.channel.k8s.io'], [80]],
    [400, ['v4.channel.k8s.io'], []],
    [400, ['v4.channel.k8s.io'], Array.from({ length: 41 }, (_, index) => index + 1)],
  ])('is refused with %i for %j and ports %j', async (status, names, ports) => {
    await expect(protocolOf(names, ports)).rejects.toThrow(`${status}`);
    expect(served.server.running).toBe(0);
  });
});

describe('SPDY in WebSocket', () => {
  it('does not mind where messages begin and end', async () => {
    const client = served.with(await PortForwardClient.tunnel(served.url()));
    const { socket } = client.spdy;
    const port = await served.program(echo);
    const written: Buffer[] = [];
    const write = socket.write.bind(socket) as (bytes: Buffer) => boolean;
    socket.write = (bytes: Buffer) => {
      for (const byte of bytes) write(Buffer.of(byte));
      written.push(bytes);
      return true;
    };

    const forwarded = await client.open(port);
    forwarded.end('piecemeal');
    await forwarded.ended();

    expect(forwarded.bytes().toString()).toBe('piecemeal');
    expect(written.length).toBeGreaterThan(3);
  });

  it('answers pings, and closes with the code of a normal end', async () => {
    const tunnel = await WebSocketTunnel.connect(served.url());
    tunnel.resume();
    tunnel.ping();
    while (tunnel.pongs === 0) await once(tunnel, 'heard');

    served.server.endPortForwards('pod');
    while (tunnel.closedWith === undefined) await once(tunnel, 'heard');

    expect(tunnel.closedWith).toBe(1000);
    await served.empty();
  });
});
