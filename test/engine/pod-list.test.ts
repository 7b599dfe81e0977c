import {
  ListPodSandboxRequest,
  PodSandboxState,
  RuntimeServiceService as Runtime,
  type PodSandbox,
} from '../../generated/runtime/v1/api';
import { docker } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

type Filter = NonNullable<Parameters<typeof ListPodSandboxRequest.fromPartial>[0]['filter']>;

let shim: ShimUnderTest;
let pods: TestPods;
let first: TestPod;
let second: TestPod;
let stopped: TestPod;

/** The pods of this run among those that the call answers: the engine may have others. */
async function list(filter?: Filter): Promise<PodSandbox[]> {
  const request = ListPodSandboxRequest.fromPartial(filter === undefined ? {} : { filter });
  const { items } = await shim.call(Runtime.listPodSandbox, request);
  return items.filter(({ metadata }) => metadata?.namespace === shim.runName);
}

const ids = async (filter?: Filter) => (await list(filter)).map(({ id }) => id);

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  first = await pods.run({ labels: { app: 'web', tier: 'front' }, annotations: { first: 'yes' } });
  second = await pods.run({ labels: { app: 'web', tier: 'back' } });
  stopped = await pods.run({ labels: { app: 'db' } });
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: stopped.id });
});

afterAll(() => shim.stop());

it('has every pod, the newest first, by the nanosecond', async () => {
  const items = await list();

  expect(items.map(({ id }) => id)).toEqual([stopped.id, second.id, first.id]);
  const [youngest = 0n, middle = 0n, oldest = 0n] = items.map(({ createdAt }) => createdAt);
  expect(youngest > middle && middle > oldest).toBe(true);
  // Whole seconds would be all zeroes behind the ninth digit from the right.
  expect(items.some(({ createdAt }) => createdAt % 1_000_000_000n !== 0n)).toBe(true);
});

it('has in it what Status has', async () => {
  for (const item of await list()) {
    const { metadata, state, createdAt, labels, annotations, runtimeHandler } = await pods.sandboxStatus(item.id);
    expect(item).toEqual({ id: item.id, metadata, state, createdAt, labels, annotations, runtimeHandler });
  }
});

it('does not list containers', async () => {
  const container = await pods.create(first);

  expect(await ids()).not.toContain(container);
});

it('does not list what others label as a pod under a name that is none', async () => {
  const label = 'io.kubernetes.docker.type=podsandbox';
  const name = `${shim.runName}-foreign`;
  const id = await docker('create', '--name', name, '--label', label, pods.image, 'true');

  const { items } = await shim.call(Runtime.listPodSandbox, { filter: undefined });

  expect(items.map((item) => item.id)).not.toContain(id);
});

describe('filters', () => {
  it('by id and by the beginning of one', async () => {
    expect(await ids({ id: first.id })).toEqual([first.id]);
    expect(await ids({ id: first.id.slice(0, 20) })).toEqual([first.id]);
    expect(await ids({ id: 'e'.repeat(64) })).toEqual([]);
  });

  it('by state', async () => {
    expect(await ids({ state: { state: PodSandboxState.SANDBOX_READY } })).toEqual([second.id, first.id]);
    expect(await ids({ state: { state: PodSandboxState.SANDBOX_NOTREADY } })).toEqual([stopped.id]);
  });

  it('by labels, all of which must match', async () => {
    expect(await ids({ labelSelector: { app: 'web' } })).toEqual([second.id, first.id]);
    expect(await ids({ labelSelector: { app: 'web', tier: 'back' } })).toEqual([second.id]);
    expect(await ids({ labelSelector: { app: 'db', tier: 'back' } })).toEqual([]);
    expect(await ids({ labelSelector: { first: 'yes' } })).toEqual([]);
  });

  it('by all of them together', async () => {
    const ready = { state: PodSandboxState.SANDBOX_READY };

    expect(await ids({ id: second.id, state: ready, labelSelector: { app: 'web' } })).toEqual([second.id]);
    expect(await ids({ id: stopped.id, state: ready })).toEqual([]);
  });
});
