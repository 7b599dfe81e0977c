import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { NamespaceMode, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { childrenWith } from '../support/child-processes';
import { inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { PodProgram, type PROGRAMS } from '../support/pod-program';
import { PortForwardClient } from '../support/port-forward-client';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type PodParts, type TestPod } from '../support/test-pods';
import { until } from '../support/until';

jest.setTimeout(120_000);

/** A port of a pod where nobody listens. */
const DEAF = 9;
const IPV6 = { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.lo.disable_ipv6': '0' };
const MANY = 64 * 1024 * 1024;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
const programs: PodProgram[] = [];
const clients: PortForwardClient[] = [];

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run({ linux: { sysctls: IPV6 } });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.vanish();
  for (const program of programs.splice(0)) program.stop();
});

afterAll(() => shim.stop());

const urlFor = async (podSandboxId: string, port: number[] = []): Promise<string> =>
  (await shim.call(Runtime.portForward, { podSandboxId, port })).url;

async function listening(program: keyof typeof PROGRAMS, host?: string, sandboxId = pod.id): Promise<number> {
  const started = await PodProgram.start(sandboxId, program, host);
  programs.push(started);
  return started.port;
}

async function client(sandboxId = pod.id): Promise<PortForwardClient> {
  const connected = await PortForwardClient.connect(await urlFor(sandboxId));
  clients.push(connected);
  return connected;
}

/** How many TCP connections are open at their ends inside of the pod, whoever has them. */
async function connectionsIn(sandboxId: string): Promise<number> {
  const { Pid: pid } = (await inspect(sandboxId)).State;
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  return tables.join('').match(/^ *\d+: \S+ \S+ 0[128] /gm)?.length ?? 0;
}

async function expectEcho(podClient: PortForwardClient, port: number): Promise<void> {
  const forwarded = await podClient.open(port);
  forwarded.end('hello');
  expect(await forwarded.over()).toBe('');
  expect(forwarded.bytes().toString()).toBe('hello');
}

describe('the verb', () => {
  it('is NotFound for an unknown pod, and for a container', async () => {
    const container = await pods.create(pod);

    await expect(urlFor('e'.repeat(64))).rejects.toMatchObject(refusal('NOT_FOUND', /no pod sandbox/));
    await expect(urlFor(container)).rejects.toMatchObject(refusal('NOT_FOUND', /no pod sandbox/));
  });

  it('is FailedPrecondition for a pod that is stopped', async () => {
    const { id } = await pods.run();
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: id });

    await expect(urlFor(id)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /does not run/));
  });

  it.each([[[0]], [[80, 65_536]], [[-1]]])('refuses the ports %j', async (ports) => {
    await expect(urlFor(pod.id, ports)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /port/));
  });

  it('answers an absolute URL on the loopback', async () => {
    expect(await urlFor(pod.id, [1, 65_535])).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/portforward\/[\w-]{22}$/);
  });
});

describe('reaches a program that listens', () => {
  it.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('on %s', async (host) => {
    await expectEcho(await client(), await listening('echo', host));
  });

  it("on the pod's own address alone", async () => {
    const { network } = await pods.sandboxStatus(pod.id);

    await expectEcho(await client(), await listening('echo', network?.ip));
  });

  it('in a container', async () => {
    await pods.started(pod, { command: ['nc', '-ll', '-p', '4000', '127.0.0.1', '-e', 'cat'] });
    const connected = await client();
    await until(async () => {
      const forwarded = await connected.open(4000);
      forwarded.end('x');
      return (await forwarded.over()) === '';
    });

    await expectEcho(connected, 4000);
  });

  it("on the host's loopback, for a pod on the host's network", async () => {
    const hostPod: PodParts = { linux: { securityContext: { namespaceOptions: { network: NamespaceMode.NODE } } } };
    const onHost = await pods.run(hostPod);
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');

    await expectEcho(await client(onHost.id), (server.address() as AddressInfo).port);
    server.close();
  });

  it('over SPDY in WebSocket', async () => {
    const port = await listening('echo');
    const connected = await PortForwardClient.tunnel(await urlFor(pod.id));
    clients.push(connected);

    await expectEcho(connected, port);
  });
});

it('reaches a program over the channels of old WebSocket clients, by the ports of the request', async () => {
  const ports = [await listening('echo'), DEAF];
  const socket = new WebSocket((await urlFor(pod.id, ports)).replace('http', 'ws'), ['v4.channel.k8s.io']);
  const heard: string[] = [];
  socket.on('message', (message: Buffer) => heard.push(`${message[0]} ${message.toString('latin1', 1)}`));
  await once(socket, 'open');

  socket.send(Buffer.from('\x00hello'));
  await until(() => Promise.resolve(heard.length === 6));
  socket.close();

  expect(heard.filter((text) => text.length > 4).sort()).toEqual([
    '0 hello',
    `3 error forwarding port ${DEAF} to pod ${pod.id}, uid : connect ECONNREFUSED 127.0.0.1:${DEAF}`,
  ]);
});

it('never reaches into another pod', async () => {
  const other = await pods.run();
  const port = await listening('echo', '127.0.0.1', other.id);
  const here = await client();

  expect(await (await here.open(port)).over()).toMatch(/ECONNREFUSED/);
  await expectEcho(await client(other.id), port);
});

it('tells a refusal on the error stream of its connection, and nothing else ends', async () => {
  const connected = await client();
  const good = await connected.open(await listening('echo'));
  good.write('one');
  await good.until((text) => text === 'one');

  const refused = await connected.open(DEAF);

  expect(await refused.over()).toBe(
    `error forwarding port ${DEAF} to pod ${pod.id}, uid : connect ECONNREFUSED 127.0.0.1:${DEAF}`,
  );
  good.end(' two');
  expect(await good.over()).toBe('');
  expect(good.bytes().toString()).toBe('one two');
});

it('brings what the pod says first', async () => {
  const forwarded = await (await client()).open(await listening('greet'));

  await forwarded.until((text) => text === 'hello');

  expect(forwarded.bytes().toString()).toBe('hello');
});

it('lets the client end its side before the pod has answered', async () => {
  const forwarded = await (await client()).open(await listening('count'));

  await forwarded.send(Buffer.alloc(1_000_000));
  forwarded.end();

  expect(await forwarded.over()).toBe('');
  expect(forwarded.bytes().toString()).toBe('1000000');
});

it('carries 64 MiB each way, byte for byte', async () => {
  const forwarded = await (await client()).open(await listening('echo'));
  const bytes = randomBytes(MANY);

  await forwarded.send(bytes);
  forwarded.end();
  await forwarded.ended();

  expect(forwarded.length).toBe(MANY);
  expect(forwarded.bytes().equals(bytes)).toBe(true);
});

it('carries one connection while another one stalls', async () => {
  const connected = await client();
  const stalled = await connected.open(await listening('stall'));
  const running = await connected.open(await listening('echo'));
  const bytes = randomBytes(MANY / 8);

  stalled.write(Buffer.alloc(1024 * 1024));
  await running.send(bytes);
  running.end();
  await running.ended();

  expect(running.bytes().equals(bytes)).toBe(true);
  expect(stalled.errorText()).toBe('');
});

it('carries two hundred connections at once, from one process in the pod', async () => {
  const connected = await client();
  const port = await listening('echo');
  const all = await Promise.all(Array.from({ length: 200 }, () => connected.open(port)));

  all.forEach((forwarded, index) => forwarded.end(`number ${index}`));
  const faults = await Promise.all(all.map((forwarded) => forwarded.over()));

  expect(faults.filter((text) => text !== '')).toEqual([]);
  expect(all.map((forwarded) => forwarded.bytes().toString())).toEqual(all.map((_, index) => `number ${index}`));
  expect(await connectionsIn(pod.id)).toBe(0);
});

it('leaves nothing in the pod when the client is killed', async () => {
  const connected = await client();
  const port = await listening('greet');
  for (let count = 0; count < 5; count += 1) await (await connected.open(port)).until((text) => text === 'hello');
  expect(await connectionsIn(pod.id)).toBe(10);

  connected.vanish();

  await until(async () => (await connectionsIn(pod.id)) === 0);
});

it.each(['stopPodSandbox', 'removePodSandbox'] as const)('ends with its pod: %s', async (verb) => {
  const ending = await pods.run();
  const before = await childrenWith('netns-connector');
  const connected = await client(ending.id);
  const forwarded = await connected.open(await listening('greet', '127.0.0.1', ending.id));
  await forwarded.until((text) => text === 'hello');
  const another = await client();

  await shim.call(Runtime[verb], { podSandboxId: ending.id });

  await connected.closed();
  await until(async () => (await childrenWith('netns-connector')).every((pid) => before.includes(pid)));
  await expectEcho(another, await listening('echo'));
});

it('answers a connection to a pod that has stopped since', async () => {
  const ending = await pods.run();
  const url = await urlFor(ending.id);
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: ending.id });
  const late = await PortForwardClient.connect(url);
  clients.push(late);

  expect(await (await late.open(80)).over()).toBe(
    `error forwarding port 80 to pod ${ending.id}, uid : the pod sandbox ${ending.id} does not run`,
  );
});

it('goes on when the process in the namespace is killed', async () => {
  const connected = await client();
  const port = await listening('echo');
  await expectEcho(connected, port);

  for (const pid of await childrenWith('netns-connector')) process.kill(pid, 'SIGKILL');

  await until(async () => (await childrenWith('netns-connector')).length === 0);
  await expectEcho(connected, port);
});
