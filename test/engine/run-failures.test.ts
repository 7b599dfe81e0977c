import { readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RuntimeServiceService as Runtime, type PodSandboxConfig } from '../../generated/runtime/v1/api';
import { sandboxName } from '../../src/translate/names';
import { EngineDoor } from '../support/engine-door';
import { docker, exists, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { RunJournal } from '../../src/store/run-journal';
import { TestPods, type TestPod } from '../support/test-pods';

/** A sandbox is a transaction: it is ready, or there is nothing of it. */
jest.setTimeout(60_000);

const CREATE = /^POST \S+\/containers\/create/;
const START = /^POST \S+\/start/;
const INSPECT_BY_NAME = /^GET \S+\/containers\/k8s_POD\S+\/json/;
const INSPECT = /^GET \S+\/containers\/\S+\/json/;
const DNS = { servers: ['10.1.2.3'], searches: [], options: [] };
const RESOLV_CONF = 'nameserver 10.1.2.3\n';

let shim: ShimUnderTest;
let pods: TestPods;
let door: EngineDoor;

beforeAll(async () => {
  const socket = `/tmp/dockershim-door-${process.pid}-run.sock`;
  door = await EngineDoor.open(socket);
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${socket}`);
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  await shim.stop();
  await door.close();
});

const nameOf = (config: PodSandboxConfig) =>
  sandboxName(config.metadata ?? { name: '', namespace: '', uid: '', attempt: 0 });
const journal = () => new RunJournal(join(shim.rootDirectory, 'running'));
const checkpoints = () => readdir(shim.checkpointDirectory).catch((): string[] => []);

/** What there is of a pod that should not be there. */
async function left(config: PodSandboxConfig): Promise<string[]> {
  const name = nameOf(config);
  const containers = await docker('ps', '--all', '--quiet', '--filter', `name=^/${name}$`);
  const running = (await journal().unfinished()).filter((entry) => entry === name);
  return [...containers.split('\n').filter((id) => id !== ''), ...running];
}

/** Until nothing is left: a client that has left does not see when its call is undone. */
async function untilGone(config: PodSandboxConfig): Promise<void> {
  for (let attempt = 0; attempt < 600 && (await left(config)).length > 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await left(config)).toEqual([]);
}

/** A complete pod: it runs, with the resolv.conf that it asks for and a checkpoint, and no run is in the journal. */
async function expectComplete(pod: TestPod): Promise<void> {
  expect((await inspect(pod.id)).State.Running).toBe(true);
  expect(await pods.script(await pods.started(pod), 'cat /etc/resolv.conf')).toBe(RESOLV_CONF);
  expect(await checkpoints()).toContain(pod.id);
  expect(await journal().unfinished()).not.toContain(nameOf(pod.config));
}

describe('a step that fails', () => {
  it('takes away what was made: a host port is taken', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '0.0.0.0', resolve));
    const { port } = listener.address() as AddressInfo;
    const config = pods.config({ portMappings: [{ containerPort: 80, hostPort: port }], dnsConfig: DNS });
    const before = await checkpoints();
    try {
      await expect(pods.runConfig(config)).rejects.toMatchObject(refusal('INTERNAL', new RegExp(`${port}`)));
    } finally {
      await new Promise((resolve) => listener.close(resolve));
    }

    expect(await left(config)).toEqual([]);
    expect(await checkpoints()).toEqual(before);

    await expectComplete(await pods.runConfig(config));
  });

  it('takes away what was made: the checkpoint cannot be written', async () => {
    const other = await ShimUnderTest.start('--cri-dockerd-root-directory=/dev/null');
    const otherPods = await TestPods.over(other);
    try {
      const config = otherPods.config();

      await expect(otherPods.runConfig(config)).rejects.toMatchObject(
        refusal('INTERNAL', /cannot write \/dev\/null\/sandbox/),
      );

      expect(await left(config)).toEqual([]);
      expect(await readdir(join(other.rootDirectory, 'running'))).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

describe('a call that its client gives up', () => {
  it.each([
    ['as the container is created', CREATE],
    ['as it is started', START],
    ['as its resolv.conf is looked for', INSPECT],
  ])('leaves nothing when it is cancelled %s', async (_when, step) => {
    const config = pods.config({ dnsConfig: DNS });
    const client = new AbortController();
    const held = door.hold(step);
    const call = pods.runConfig(config, { signal: client.signal });
    await held.arrived;

    client.abort();

    await expect(call).rejects.toMatchObject(refusal('CANCELLED'));
    held.release();
    await untilGone(config);
    await expectComplete(await pods.runConfig(config));
  });

  it('leaves nothing when its deadline passes, and gives up the engine with it', async () => {
    const config = pods.config();
    const held = door.hold(START);

    const call = pods.runConfig(config, { timeoutMs: 1_000 });

    await expect(call).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));
    await held.abandoned;
    await untilGone(config);
    held.release();
  });

  it.each([1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233])('leaves a whole pod or nothing after %i ms', async (ms) => {
    const config = pods.config({ dnsConfig: DNS });
    const signal = AbortSignal.timeout(ms);

    const pod = await pods.runConfig(config, { signal }).catch(() => undefined);

    if (pod === undefined) await untilGone(config);
    else await expectComplete(pod);
  });

  it('leaves nothing for those that waited behind it', async () => {
    const config = pods.config();
    const client = new AbortController();
    const held = door.hold(START);
    const first = pods.runConfig(config, { signal: client.signal });
    await held.arrived;
    const second = pods.runConfig(config);

    client.abort();

    await expect(first).rejects.toMatchObject(refusal('CANCELLED'));
    held.release();
    const { id } = await second;
    expect((await inspect(id)).State.Running).toBe(true);
    expect(await left(config)).toEqual([id.slice(0, 12)]);
  });
});

describe('a complete sandbox that is asked for again', () => {
  it('answers its id', async () => {
    const pod = await pods.run({ dnsConfig: DNS });

    expect((await pods.runConfig(pod.config)).id).toBe(pod.id);

    await expectComplete(pod);
  });

  it('is not taken for half-made when that call is cut off', async () => {
    const pod = await pods.run({ dnsConfig: DNS });
    const client = new AbortController();
    const held = door.hold(INSPECT_BY_NAME);
    const again = pods.runConfig(pod.config, { signal: client.signal });
    await held.arrived;
    const entries = await journal().unfinished();

    client.abort();

    await expect(again).rejects.toMatchObject(refusal('CANCELLED'));
    held.release();
    expect(entries).not.toContain(nameOf(pod.config));
    await expectComplete(pod);
  });
});

describe('a run that was cut off with the shim', () => {
  /** As a shim that was killed leaves it: a container that runs, half made, and the entry in the journal. */
  async function cutOff(): Promise<TestPod> {
    const pod = await pods.run({ dnsConfig: DNS });
    await journal().begin(nameOf(pod.config));
    return pod;
  }

  it('is repaired when the client tries again', async () => {
    const half = await cutOff();

    const pod = await pods.runConfig(half.config);

    expect(pod.id).not.toBe(half.id);
    expect(await exists(half.id)).toBe(false);
    expect(await checkpoints()).not.toContain(half.id);
    await expectComplete(pod);
  });

  it('is still known as such when that try is cancelled too', async () => {
    const half = await cutOff();
    const client = new AbortController();
    const held = door.hold(CREATE);
    const call = pods.runConfig(half.config, { signal: client.signal });
    await held.arrived;
    client.abort();
    await expect(call).rejects.toMatchObject(refusal('CANCELLED'));
    held.release();

    const pod = await pods.runConfig(half.config);

    expect(pod.id).not.toBe(half.id);
    await expectComplete(pod);
  });

  it('is removed at the next start, and what is complete stays', async () => {
    const complete = await pods.run({ dnsConfig: DNS });
    const half = await pods.run({ dnsConfig: DNS });

    await shim.restart(async () => void (await journal().begin(nameOf(half.config))));

    await untilGone(half.config);
    expect(await exists(half.id)).toBe(false);
    expect(await checkpoints()).not.toContain(half.id);
    await expect(shim.call(Runtime.podSandboxStatus, { podSandboxId: half.id, verbose: false })).rejects.toMatchObject(
      refusal('NOT_FOUND'),
    );
    await expectComplete(complete);
  });

  it('of which nothing was made loses its entry at the next start', async () => {
    const config = pods.config();

    await shim.restart(async () => void (await journal().begin(nameOf(config))));

    await untilGone(config);
  });
});
