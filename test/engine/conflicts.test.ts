import { RuntimeServiceService as Runtime, type PodSandboxConfig } from '../../generated/runtime/v1/api';
import { containerName, sandboxName } from '../../src/translate/names';
import { docker, exists, inspect } from '../support/engine-under-test';
import { EngineDoor } from '../support/engine-door';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** Names on Docker are unique, so a name that is taken says what became of an earlier call. */
jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let door: EngineDoor;

beforeAll(async () => {
  const socket = `/tmp/dockershim-door-${process.pid}-conflicts.sock`;
  door = await EngineDoor.open(socket);
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${socket}`);
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  await shim.stop();
  await door.close();
});

const stopPod = (podSandboxId: string) => shim.call(Runtime.stopPodSandbox, { podSandboxId });

function nameOf({ metadata }: PodSandboxConfig): string {
  if (metadata === undefined) throw new Error('the pod has no metadata');
  return sandboxName(metadata);
}

describe('the name of a sandbox is taken', () => {
  it('by a stopped one without containers: it is replaced', async () => {
    const old = await pods.run();
    await stopPod(old.id);

    const { id } = await pods.runConfig(old.config);

    expect(id).not.toBe(old.id);
    expect(await exists(old.id)).toBe(false);
    expect((await inspect(id)).State.Running).toBe(true);
  });

  it('by a stopped one with containers: it has to be removed first', async () => {
    const old = await pods.run();
    const member = await pods.create(old);
    await stopPod(old.id);

    await expect(pods.runConfig(old.config)).rejects.toMatchObject(
      refusal('ALREADY_EXISTS', new RegExp(`${old.id}.*remove it first`)),
    );
    expect(await exists(member)).toBe(true);

    await shim.call(Runtime.removePodSandbox, { podSandboxId: old.id });
    expect((await pods.runConfig(old.config)).id).not.toBe(old.id);
  });

  it('by a container that was made and never started: it is replaced', async () => {
    const config = pods.config();
    const label = 'io.kubernetes.docker.type=podsandbox';
    const half = await docker('create', '--name', nameOf(config), '--label', label, pods.image, 'true');

    const { id } = await pods.runConfig(config);

    expect(await exists(half)).toBe(false);
    expect((await inspect(id)).State.Running).toBe(true);
  });

  it("by somebody else's container: it is left alone", async () => {
    const config = pods.config();
    const foreign = await docker('create', '--name', nameOf(config), pods.image, 'true');

    await expect(pods.runConfig(config)).rejects.toMatchObject(
      refusal('ALREADY_EXISTS', new RegExp(`${foreign}.*no pod sandbox`)),
    );
    expect(await exists(foreign)).toBe(true);
  });
});

describe('the name of a container is taken', () => {
  const metadata = { name: 'same', attempt: 0 };

  it('by one of the same attempt that was never started: it is replaced', async () => {
    const pod = await pods.run();
    const first = await pods.create(pod, { metadata });

    const second = await pods.create(pod, { metadata });

    expect(second).not.toBe(first);
    expect(await exists(first)).toBe(false);
    expect((await pods.status(second)).metadata).toEqual(metadata);
  });

  it('by one of the same attempt that has ended: it is replaced', async () => {
    const pod = await pods.run();
    const { id: first } = await pods.ended(pod, { metadata, command: ['true'] });

    await pods.create(pod, { metadata });

    expect(await exists(first)).toBe(false);
  });

  it('by one that runs: it keeps the name', async () => {
    const pod = await pods.run();
    const first = await pods.started(pod, { metadata });

    await expect(pods.create(pod, { metadata })).rejects.toMatchObject(
      refusal('ALREADY_EXISTS', new RegExp(`${first}.*runs already`)),
    );
    expect((await inspect(first)).State.Running).toBe(true);
  });

  it("by somebody else's container: it is left alone", async () => {
    const pod = await pods.run();
    if (pod.config.metadata === undefined) throw new Error('the pod has no metadata');
    const name = containerName(pod.config.metadata, metadata);
    const foreign = await docker('create', '--name', name, pods.image, 'true');

    await expect(pods.create(pod, { metadata })).rejects.toMatchObject(
      refusal('ALREADY_EXISTS', new RegExp(`${foreign}.*no pod's`)),
    );
    expect(await exists(foreign)).toBe(true);
  });
});

describe('CreateContainer that its client gives up', () => {
  it('leaves nothing, and can be called again', async () => {
    const pod = await pods.run();
    const client = new AbortController();
    const metadata = { name: 'given-up', attempt: 0 };
    const held = door.hold(/^POST \S+\/containers\/create/);
    const call = pods.create(pod, { metadata }, { signal: client.signal });
    await held.arrived;

    client.abort();
    await expect(call).rejects.toMatchObject(refusal('CANCELLED'));
    held.release();

    // Waits for the first call's undoing: work on one pod is done one after another.
    const other = await pods.create(pod);
    const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });
    expect(containers.filter(({ podSandboxId }) => podSandboxId === pod.id).map(({ id }) => id)).toEqual([other]);
    expect(await pods.create(pod, { metadata })).toMatch(/^[0-9a-f]{64}$/);
  });
});
