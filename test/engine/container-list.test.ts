import {
  ContainerState,
  ListContainersRequest,
  RuntimeServiceService as Runtime,
  type Container,
} from '../../generated/runtime/v1/api';
import { docker } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

type Filter = NonNullable<Parameters<typeof ListContainersRequest.fromPartial>[0]['filter']>;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let otherPod: TestPod;
let running: string;
let created: string;
let exited: string;
let elsewhere: string;

/** The containers of this run's pods among those that the call answers: the engine may have others. */
async function list(filter?: Filter): Promise<Container[]> {
  const request = ListContainersRequest.fromPartial(filter === undefined ? {} : { filter });
  const { containers } = await shim.call(Runtime.listContainers, request);
  return containers.filter(({ podSandboxId }) => podSandboxId === pod.id || podSandboxId === otherPod.id);
}

const ids = async (filter?: Filter) => (await list(filter)).map(({ id }) => id);

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  otherPod = await pods.run();
  running = await pods.started(pod, { labels: { app: 'web', tier: 'front' }, annotations: { note: 'yes' } });
  created = await pods.create(pod, { labels: { app: 'web', tier: 'back' } });
  exited = (await pods.ended(pod, { command: ['false'], labels: { app: 'db' } })).id;
  elsewhere = await pods.started(otherPod, { labels: { app: 'web' } });
});

afterAll(() => shim.stop());

it('has every container, the newest first, by the nanosecond', async () => {
  const containers = await list();

  expect(containers.map(({ id }) => id)).toEqual([elsewhere, exited, created, running]);
  const times = containers.map(({ createdAt }) => createdAt);
  expect(times).toEqual([...times].sort((one, other) => (one < other ? 1 : -1)));
  expect(times.some((time) => time % 1_000_000_000n !== 0n)).toBe(true);
});

it('has in it what Status has', async () => {
  for (const container of await list()) {
    const { metadata, state, createdAt, labels, annotations, imageId, image } = await pods.status(container.id);
    expect(container).toMatchObject({ metadata, state, createdAt, labels, annotations, imageId, image });
    expect(container.imageRef).toBe(imageId);
  }
});

it('has neither sandboxes nor containers of other people', async () => {
  const foreign = await docker('create', '--name', `${shim.runName}-foreign`, pods.image, 'true');

  const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });

  const listed = containers.map(({ id }) => id);
  expect(listed).not.toContain(foreign);
  expect(listed).not.toContain(pod.id);
});

describe('filters', () => {
  it('by id and by the beginning of one', async () => {
    expect(await ids({ id: created })).toEqual([created]);
    expect(await ids({ id: created.slice(0, 20) })).toEqual([created]);
    expect(await ids({ id: 'e'.repeat(64) })).toEqual([]);
  });

  it('by sandbox', async () => {
    expect(await ids({ podSandboxId: otherPod.id })).toEqual([elsewhere]);
    expect(await ids({ podSandboxId: otherPod.id.slice(0, 20) })).toEqual([elsewhere]);
    expect(await ids({ podSandboxId: otherPod.id, id: running })).toEqual([]);
  });

  it.each([
    [ContainerState.CONTAINER_RUNNING, () => [elsewhere, running]],
    [ContainerState.CONTAINER_CREATED, () => [created]],
    [ContainerState.CONTAINER_EXITED, () => [exited]],
    [ContainerState.CONTAINER_UNKNOWN, () => []],
  ])('by state %p', async (state, expected) => {
    expect(await ids({ state: { state } })).toEqual(expected());
  });

  it('by labels, all of which must match', async () => {
    expect(await ids({ labelSelector: { app: 'web' } })).toEqual([elsewhere, created, running]);
    expect(await ids({ labelSelector: { app: 'web', tier: 'back' } })).toEqual([created]);
    expect(await ids({ labelSelector: { app: 'db', tier: 'back' } })).toEqual([]);
    expect(await ids({ labelSelector: { note: 'yes' } })).toEqual([]);
  });
});
