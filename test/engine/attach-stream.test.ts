import { status as Grpc } from '@grpc/grpc-js';
import { AttachRequest, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { connectSpdy, connectWebSocket, exitCodeIn } from '../support/remote-command-client';
import type { RemoteCommandClient, Wanted } from '../support/remote-command-client';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type ContainerParts, type TestPod } from '../support/test-pods';

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
const clients: RemoteCommandClient[] = [];

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
}, 60_000);

afterEach(() => {
  for (const client of clients.splice(0)) client.vanish();
});

afterAll(() => shim.stop(), 60_000);

const transports: [string, (url: string, wanted: Wanted) => Promise<RemoteCommandClient>][] = [
  ['SPDY', (url, wanted) => connectSpdy(url, wanted)],
  ['WebSocket', (url) => connectWebSocket(url)],
];

describe.each(transports)('over %s', (_name, connectTo) => {
  async function attach(containerId: string, wanted: Wanted): Promise<RemoteCommandClient> {
    const { url } = await shim.call(Runtime.attach, AttachRequest.fromPartial({ containerId, ...wanted }));
    const client = await connectTo(url, wanted);
    clients.push(client);
    return client;
  }

  it('brings input, both outputs and the end of the input to a container that takes it once', async () => {
    const containerId = await pods.started(pod, { command: ['sh'], stdin: true, stdinOnce: true });
    const client = await attach(containerId, { stdin: true, stdout: true, stderr: true });
    client.write('echo out; echo err >&2\n');
    await client.until(() => client.stdout().length > 0 && client.stderr().length > 0);
    client.endInput();
    await client.finished();
    expect([client.stdout().toString(), client.stderr().toString()]).toEqual(['out\n', 'err\n']);
    expect(exitCodeIn(client.errorText())).toBe(0);
    const status = await pods.until(containerId, ({ finishedAt }) => finishedAt !== 0n);
    expect(status.exitCode).toBe(0);
  }, 30_000);

  it('brings the terminal and its sizes', async () => {
    const parts: ContainerParts = { command: ['sh'], stdin: true, tty: true };
    const containerId = await pods.started(pod, parts);
    const client = await attach(containerId, { stdin: true, stdout: true, tty: true });
    client.resize(71, 19);
    client.write('busybox stty size\n');
    await client.until(() => client.stdout().includes('19 71'));
    client.write('exit 3\n');
    await client.finished();
    expect(exitCodeIn(client.errorText())).toBe(0);
    const status = await pods.until(containerId, ({ finishedAt }) => finishedAt !== 0n);
    expect(status.exitCode).toBe(3);
  }, 30_000);

  it('leaves a container running that its client leaves, and lets the next one in', async () => {
    const containerId = await pods.started(pod, { command: ['sh', '-c', 'while :; do echo tick; sleep 0.1; done'] });
    for (let turn = 0; turn < 2; turn += 1) {
      const client = await attach(containerId, { stdout: true });
      await client.until(() => client.stdout().includes('tick\n'));
      client.vanish();
    }
    expect((await pods.status(containerId)).finishedAt).toBe(0n);
  }, 30_000);

  it('does not stop at a container without input', async () => {
    const script = 'while [ ! -e /tmp/go ]; do sleep 0.05; done; echo heard';
    const containerId = await pods.started(pod, { command: ['sh', '-c', script] });
    const client = await attach(containerId, { stdin: true, stdout: true });
    client.write('nobody reads this');
    client.endInput();
    await pods.script(containerId, 'touch /tmp/go');
    await client.finished();
    expect(client.stdout().toString()).toBe('heard\n');
  }, 30_000);
});

it.each([
  ['no stream', {}, Grpc.INVALID_ARGUMENT],
  ['stderr and a terminal', { stdout: true, stderr: true, tty: true }, Grpc.INVALID_ARGUMENT],
  ['an unknown container', { stdout: true, containerId: 'f'.repeat(64) }, Grpc.NOT_FOUND],
])('refuses %s', async (_what, parts, code) => {
  const containerId = await pods.started(pod);
  const request = AttachRequest.fromPartial({ containerId, ...parts });
  await expect(shim.call(Runtime.attach, request)).rejects.toMatchObject({ code });
});

it('refuses a container that does not run', async () => {
  const request = AttachRequest.fromPartial({ containerId: await pods.create(pod), stdout: true });
  await expect(shim.call(Runtime.attach, request)).rejects.toMatchObject({ code: Grpc.FAILED_PRECONDITION });
});
