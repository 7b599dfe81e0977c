import { createHash, randomBytes } from 'node:crypto';
import { status as Grpc } from '@grpc/grpc-js';
import { ExecRequest, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { askForSpdy, connectSpdy, connectWebSocket, exitCodeIn } from '../support/remote-command-client';
import type { RemoteCommandClient, Wanted } from '../support/remote-command-client';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

/** What goes each way in the test for bulk, in bytes. */
const BULK = Number(process.env['DOCKERSHIM_TEST_STREAM_MIB'] ?? 32) * 1024 * 1024;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let containerId: string;
const clients: RemoteCommandClient[] = [];

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  containerId = await pods.started(pod);
}, 60_000);

afterEach(() => {
  for (const client of clients.splice(0)) client.vanish();
});

afterAll(() => shim.stop(), 60_000);

async function urlFor(script: string, wanted: Wanted): Promise<string> {
  const request = ExecRequest.fromPartial({ containerId, cmd: ['sh', '-c', script], ...wanted });
  return (await shim.call(Runtime.exec, request)).url;
}

/** The command lines that run in the container. */
async function commandLines(): Promise<string> {
  return (await pods.script(containerId, 'ps -o args')).replace(/.*ps -o args.*/g, '');
}

const transports: [string, (url: string, wanted: Wanted) => Promise<RemoteCommandClient>][] = [
  ['SPDY', (url, wanted) => connectSpdy(url, wanted)],
  ['WebSocket', (url) => connectWebSocket(url)],
];

describe.each(transports)('over %s', (_name, connectTo) => {
  async function exec(script: string, wanted: Wanted): Promise<RemoteCommandClient> {
    const client = await connectTo(await urlFor(script, wanted), wanted);
    clients.push(client);
    return client;
  }

  it.each([0, 7, 255])('answers both outputs apart and the exit code %i', async (code) => {
    const client = await exec(`echo out; echo err >&2; exit ${code}`, { stdout: true, stderr: true });
    await client.finished();
    expect([client.stdout().toString(), client.stderr().toString()]).toEqual(['out\n', 'err\n']);
    expect(exitCodeIn(client.errorText())).toBe(code);
  });

  it('carries bulk both ways at once, byte for byte', async () => {
    const client = await exec('cat', { stdin: true, stdout: true });
    const bytes = randomBytes(BULK);
    await client.send(bytes);
    client.endInput();
    await client.finished();
    expect(exitCodeIn(client.errorText())).toBe(0);
    expect(sha256(client.stdout())).toBe(sha256(bytes));
  }, 120_000);

  it('loses nothing of an output that is read late', async () => {
    const client = await exec(`head -c ${BULK} /dev/zero; head -c 1000 /dev/zero >&2`, { stdout: true, stderr: true });
    client.pause();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    client.resume();
    await client.finished();
    expect([client.stdout().length, client.stderr().length]).toEqual([BULK, 1000]);
  }, 120_000);

  it('runs one session while the client of another does not read', async () => {
    const stalled = await exec('cat /dev/zero', { stdout: true });
    await stalled.until(() => stalled.stdout().length > 0);
    stalled.pause();
    const client = await exec('head -c 10000000 /dev/zero', { stdout: true });
    await client.finished();
    expect(client.stdout().length).toBe(10_000_000);
  }, 60_000);

  it('brings the terminal and its sizes', async () => {
    const script = 'trap "busybox stty size; exit 5" WINCH; echo ready; while :; do sleep 0.1; done';
    const client = await exec(script, { stdin: true, stdout: true, tty: true });
    await client.until(() => client.stdout().includes('ready'));
    client.resize(93, 27);
    await client.finished();
    expect(client.stdout().toString()).toBe('ready\r\n27 93\r\n');
    expect(exitCodeIn(client.errorText())).toBe(5);
  }, 30_000);

  it('ends with the command though the input is open', async () => {
    const client = await exec('echo done', { stdin: true, stdout: true });
    await client.finished();
    expect(client.stdout().toString()).toBe('done\n');
  });

  it('passes ctrl-p on at once: Docker must not take it for its own', async () => {
    const client = await exec('busybox stty raw -echo; echo ready; head -c 1 | tail -c 1', {
      stdin: true,
      stdout: true,
      tty: true,
    });
    await client.until(() => client.stdout().includes('ready'));
    client.write('\u0010');
    await client.finished();
    expect(client.stdout().at(-1)).toBe(0x10);
  });

  it('says why a command cannot start', async () => {
    const request = ExecRequest.fromPartial({ containerId, cmd: ['/no/such/command'], stdout: true, stderr: true });
    const { url } = await shim.call(Runtime.exec, request);
    const client = await connectTo(url, { stdout: true, stderr: true });
    clients.push(client);
    await client.finished();
    expect(client.stdout().toString() + client.errorText()).toContain('/no/such/command');
    expect([126, 127]).toContain(exitCodeIn(client.errorText()));
  });

  it.each([
    ['that reads', 'exec cat #reader', { stdin: true, stdout: true }],
    ['that writes', 'while :; do echo writer; done', { stdout: true }],
    ['with a terminal', 'while :; do sleep 1; done; echo terminal', { stdin: true, stdout: true, tty: true }],
  ])(
    'leaves nothing of a command %s when its client vanishes',
    async (_what, script, wanted) => {
      const before = await commandLines();
      const client = await exec(`echo ready; ${script}`, wanted);
      await client.until(() => client.stdout().includes('ready'));
      client.vanish();
      const giveUp = Date.now() + 10_000;
      while ((await commandLines()) !== before && Date.now() < giveUp)
        await new Promise((done) => setTimeout(done, 100));
      expect(await commandLines()).toBe(before);
    },
    30_000,
  );

  it('leaves a silent command alone when its client vanishes', async () => {
    const client = await exec('echo ready; sleep 3; echo survived > /tmp/survivor', { stdout: true });
    await client.until(() => client.stdout().includes('ready'));
    client.vanish();
    expect(await pods.script(containerId, 'sleep 4; cat /tmp/survivor; rm /tmp/survivor')).toBe('survived\n');
  }, 30_000);

  it('fails, and says so, when the container stops', async () => {
    const other = await pods.started(pod);
    const request = ExecRequest.fromPartial({ containerId: other, cmd: ['sleep', '100'], stdout: true });
    const { url } = await shim.call(Runtime.exec, request);
    await shim.call(Runtime.stopContainer, { containerId: other, timeout: 0n });
    const client = await connectTo(url, { stdout: true });
    clients.push(client);
    await client.finished();
    expect(JSON.parse(client.errorText())).toMatchObject({ status: 'Failure' });
    expect(client.errorText()).toContain('error executing command in container');
  });
});

it('gives out URLs on loopback that are good once', async () => {
  const url = await urlFor('true', { stdout: true });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/exec\/[\w-]{22}$/);
  const first = await askForSpdy(url, ['v4.channel.k8s.io']);
  expect(first.answer.statusCode).toBe(101);
  first.socket?.destroy();
  expect((await askForSpdy(url, ['v4.channel.k8s.io'])).answer.statusCode).toBe(404);
});

it.each([
  ['no command', { cmd: [], stdout: true }, Grpc.INVALID_ARGUMENT],
  ['no stream', { cmd: ['true'] }, Grpc.INVALID_ARGUMENT],
  ['stderr and a terminal', { cmd: ['true'], stdout: true, stderr: true, tty: true }, Grpc.INVALID_ARGUMENT],
  ['an unknown container', { cmd: ['true'], stdout: true, containerId: 'f'.repeat(64) }, Grpc.NOT_FOUND],
])('refuses %s', async (_what, parts, code) => {
  const request = ExecRequest.fromPartial({ containerId, ...parts });
  await expect(shim.call(Runtime.exec, request)).rejects.toMatchObject({ code });
});

it('refuses a container that does not run', async () => {
  const created = await pods.create(pod);
  const request = ExecRequest.fromPartial({ containerId: created, cmd: ['true'], stdout: true });
  await expect(shim.call(Runtime.exec, request)).rejects.toMatchObject({ code: Grpc.FAILED_PRECONDITION });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
