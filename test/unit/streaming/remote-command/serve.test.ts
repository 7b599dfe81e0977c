import { once } from 'node:events';
import { ShimError } from '../../../../src/lib/errors';
import type { RemoteStreams, RunRemoteCommand } from '../../../../src/streaming/remote-command';
import {
  connectSpdy,
  connectWebSocket,
  exitCodeIn,
  type RemoteCommandClient,
  type Wanted,
} from '../../../support/remote-command-client';
import { serve, textOf, type Served } from './served';

const served: Served[] = [];
const clients: RemoteCommandClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.vanish();
  for (const one of served.splice(0)) await one.stop();
});

async function start(run: RunRemoteCommand, idleTimeoutMs?: number): Promise<Served> {
  const one = await serve(run, idleTimeoutMs);
  served.push(one);
  return one;
}

const transports: [string, (url: string, wanted: Wanted) => Promise<RemoteCommandClient>][] = [
  ['SPDY', (url, wanted) => connectSpdy(url, wanted)],
  ['WebSocket', (url) => connectWebSocket(url)],
];

describe.each(transports)('over %s', (_name, connectTo) => {
  async function connect(one: Served, wanted: Wanted): Promise<RemoteCommandClient> {
    const client = await connectTo(one.url(wanted), wanted);
    clients.push(client);
    return client;
  }

  it.each([0, 7, 255])('brings both outputs apart and the exit code %i', async (code) => {
    const one = await start((_session, { stdout, stderr }) => {
      stdout?.write('to out');
      stderr?.write('to err');
      return Promise.resolve(code);
    });
    const client = await connect(one, { stdout: true, stderr: true });
    await client.finished();
    expect(client.stdout().toString()).toBe('to out');
    expect(client.stderr().toString()).toBe('to err');
    expect(exitCodeIn(client.errorText())).toBe(code);
    await client.closed();
  });

  it('keeps the input that comes before the command reads, and brings its end', async () => {
    let go: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (go = resolve));
    const one = await start(async (_session, { stdin, stdout }) => {
      await started;
      stdout?.write(await textOf(stdin));
      return 0;
    });
    const client = await connect(one, { stdin: true, stdout: true });
    client.write('early ');
    client.write('words');
    client.endInput();
    await new Promise((resolve) => setTimeout(resolve, 50));
    go();
    await client.finished();
    expect(client.stdout().toString()).toBe('early words');
  });

  it('writes a failure before it closes', async () => {
    const one = await start(() => Promise.reject(new ShimError('FailedPrecondition', 'the container stopped')));
    const client = await connect(one, { stdout: true });
    await client.finished();
    expect(JSON.parse(client.errorText())).toMatchObject({
      status: 'Failure',
      message: 'Internal error occurred: error executing command in container: the container stopped',
    });
  });

  it('ends when the command ends, though the input is open and more of it comes', async () => {
    const one = await start(async (_session, { stdin, stdout }) => {
      await once(stdin ?? process, 'readable');
      stdout?.write('enough');
      return 3;
    });
    const client = await connect(one, { stdin: true, stdout: true });
    client.write(Buffer.alloc(8 * 1024 * 1024));
    await client.finished();
    expect(client.stdout().toString()).toBe('enough');
    expect(exitCodeIn(client.errorText())).toBe(3);
    await client.closed();
  });

  it('brings the sizes of the terminal, to the end of the session', async () => {
    const one = await start(async (_session, { sizes, stdout }) => {
      const seen: string[] = [];
      for await (const { width, height } of sizes ?? []) {
        seen.push(`${width}x${height}`);
        stdout?.write(seen.at(-1) ?? '');
        if (seen.length === 2) break;
      }
      return 0;
    });
    const client = await connect(one, { stdout: true, tty: true });
    client.resize(100, 30);
    await client.until(() => client.stdout().toString() === '100x30');
    client.resize(90, 20);
    await client.finished();
    expect(client.stdout().toString()).toBe('100x3090x20');
  });

  it('ends the context and the input when the client vanishes', async () => {
    let reason: unknown;
    let streams: RemoteStreams | undefined;
    const one = await start(async (_session, given, { signal }) => {
      streams = given;
      given.stdout?.write('running');
      await once(signal, 'abort');
      reason = signal.reason;
      throw signal.reason as Error;
    });
    const client = await connect(one, { stdin: true, stdout: true });
    await client.until(() => client.stdout().length > 0);
    client.vanish();
    while (one.server.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reason).toMatchObject({ kind: 'Cancelled' });
    expect(streams?.stdin?.destroyed).toBe(true);
    expect(streams?.stdout?.destroyed).toBe(true);
  });

  it('ends a session without data, and says so', async () => {
    const one = await start(async (_session, _streams, { signal }) => {
      await once(signal, 'abort');
      throw signal.reason as Error;
    }, 100);
    const client = await connect(one, { stdout: true });
    await client.finished();
    expect(client.errorText()).toContain('no data went either way for 0.1 s');
  });

  it('holds back a command whose client does not read', async () => {
    let written = 0;
    const one = await start(async (_session, { stdout }) => {
      for (; written < 96; written += 1) {
        if (!stdout?.write(Buffer.alloc(1024 * 1024))) await once(stdout ?? process, 'drain');
      }
      return 0;
    });
    const client = await connect(one, { stdout: true });
    client.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const whilePaused = written;
    expect(whilePaused).toBeLessThan(48);
    client.resume();
    await client.finished();
    expect(client.stdout().length).toBe(96 * 1024 * 1024);
  }, 30_000);

  it('ends sessions when the server stops, with a word', async () => {
    const one = await start(async (_session, { stdout }, { signal }) => {
      stdout?.write('running');
      await once(signal, 'abort');
      throw signal.reason as Error;
    });
    const client = await connect(one, { stdout: true });
    await client.until(() => client.stdout().length > 0);
    const stopped = one.stop();
    await client.finished();
    await stopped;
    expect(client.errorText()).toContain('the shim is stopping');
  });
});
