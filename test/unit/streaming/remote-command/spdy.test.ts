import { askForSpdy, connectSpdy } from '../../../support/remote-command-client';
import { serve, type Served } from './served';

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
