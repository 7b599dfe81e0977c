import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TerminalSize } from '../../../../src/streaming/remote-command';
import { SpdyClient } from '../../../support/spdy-client';
import { askForSpdy, connectSpdy, exitCodeIn } from '../../../support/remote-command-client';
import { serve, textOf, type Served } from './served';

let served: Served;

beforeEach(async () => {
  served = await serve((_session, { stdout }) => {
    stdout?.write('out');
    return Promise.resolve(7);
  });
});

afterEach(() => served.stop());

it.each([
  [['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io'], 'v4.channel.k8s.io'],
  [['v2.channel.k8s.io', 'v4.channel.k8s.io'], 'v2.channel.k8s.io'],
  [['channel.k8s.io'], 'channel.k8s.io'],
])('chooses of %j the first that it knows', async (offers, chosen) => {
  const { answer, socket } = await askForSpdy(served.url({ stdout: true }), offers);
  expect(answer.statusCode).toBe(101);
  expect(answer.headers).toMatchObject({
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': chosen,
  });
  socket?.destroy();
});

it('refuses a client that names no version', async () => {
  const { answer, text } = await askForSpdy(served.url({ stdout: true }), []);
  expect(answer.statusCode).toBe(400);
  expect(text).toContain('X-Stream-Protocol-Version');
});

it('refuses a client that knows other versions only, and tells its own', async () => {
  const { answer } = await askForSpdy(served.url({ stdout: true }), ['v9.channel.k8s.io']);
  expect(answer.statusCode).toBe(403);
  expect(answer.headersDistinct['x-accepted-stream-protocol-versions']).toEqual([
    'v4.channel.k8s.io',
    'v3.channel.k8s.io',
    'v2.channel.k8s.io',
    'channel.k8s.io',
  ]);
});

it('refuses another protocol', async () => {
  const { answer } = await askForSpdy(served.url({ stdout: true }), ['v4.channel.k8s.io'], { upgrade: 'h2c' });
  expect(answer.statusCode).toBe(400);
});

it('is silent until the client has spoken', async () => {
  const { socket, head } = await askForSpdy(served.url({ stdout: true }), ['v4.channel.k8s.io']);
  const heard: Buffer[] = [head ?? Buffer.alloc(0)];
  socket?.on('data', (bytes: Buffer) => heard.push(bytes));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(Buffer.concat(heard).length).toBe(0);
  socket?.destroy();
});

it.each(['channel.k8s.io', 'v2.channel.k8s.io', 'v3.channel.k8s.io'])(
  'tells clients of %s how it ended in words',
  async (version) => {
    const client = await connectSpdy(served.url({ stdout: true }), { stdout: true }, [version]);
    await client.finished();
    expect(client.stdout().toString()).toBe('out');
    expect(client.errorText()).toBe('command terminated with non-zero exit code: exit status 7');
    client.vanish();
  },
);

it('does not start before the resize stream is there', async () => {
  const client = await connectSpdy(served.url({ stdout: true, tty: true }), { stdout: true });
  await client.spdy.roundTrip();
  expect(client.stdout().length).toBe(0);
  client.spdy.open({ streamtype: 'resize' });
  await client.finished();
  expect(client.stdout().toString()).toBe('out');
});

it('answers a stream that it does not know and goes on', async () => {
  const client = await connectSpdy(served.url({ stdout: true, tty: true }), { stdout: true });
  const strange = client.spdy.open({ streamtype: 'telepathy' });
  client.spdy.open({ streamtype: 'resize' });
  await client.finished();
  expect(client.spdy.heard(strange).replied).toBe(true);
  expect(client.stdout().toString()).toBe('out');
});

it('leaves it to the client to go: no GOAWAY behind the last word', async () => {
  const client = await connectSpdy(served.url({ stdout: true }), { stdout: true });
  const error = client.ids.get('error') ?? 0;
  await client.until(() => client.spdy.heard(error).ended);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(client.spdy.control).toEqual([]);
  expect(client.spdy.left).toBe(false);
  await client.finished();
  await client.closed();
});

describe.each(['exec-0.2.0.hex', 'exec-0.5.1.hex'])("with what Go's client wrote: %s", (name) => {
  const text = readFileSync(path.join(__dirname, '../../../contract/spdy', name), 'utf8').replaceAll('\n', '');
  const recorded = Buffer.from(text, 'hex');
  // Up to its PING it has opened its streams and said all; then it resets what is open and leaves.
  const ping = Buffer.from('800300060000000400000001', 'hex');
  const said = recorded.indexOf(ping) + ping.length;

  it('runs the command to its end', async () => {
    const sizes: TerminalSize[] = [];
    const one = await serve(async (_session, streams) => {
      for await (const size of streams.sizes ?? []) {
        sizes.push(size);
        break;
      }
      streams.stdout?.write(await textOf(streams.stdin));
      return 7;
    });
    const { socket } = await askForSpdy(one.url({ stdin: true, stdout: true, tty: true }), ['v4.channel.k8s.io']);
    if (socket === undefined) throw new Error('the server refused SPDY');
    const client = new SpdyClient(socket);
    socket.write(recorded.subarray(0, said));
    await client.until(() => [1, 5].every((id) => client.heard(id).ended));
    expect(sizes).toEqual([{ width: 100, height: 30 }]);
    expect(client.bytes(5).toString()).toBe('hello, pod\n');
    expect(exitCodeIn(client.bytes(1).toString())).toBe(7);
    socket.end(recorded.subarray(said));
    await client.until(() => client.left);
    await one.stop();
  });
});
