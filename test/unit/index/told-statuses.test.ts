import { ContainerState, type ContainerEventResponse } from '../../../generated/runtime/v1/api';
import { containerStatus } from '../../../src/container/status';
import { EngineConnection } from '../../../src/docker/connection';
import { DockerodeEngine } from '../../../src/docker/dockerode-engine';
import type { EngineRuntimes } from '../../../src/docker/engine-facts';
import type { ContainerIndex } from '../../../src/index/container-index';
import { IndexedEngine } from '../../../src/index/indexed-engine';
import type { NodeIndex } from '../../../src/index/node-index';
import type { PodNetwork } from '../../../src/network/pod-network';
import { podSandboxStatus } from '../../../src/sandbox/status';
import { aCall } from '../../support/a-call';
import { json } from '../../support/fake-engine';
import { FakeNode, type FakeContainer } from '../../support/fake-node';
import { nodeIndexOver, RUNTIMES } from '../../support/node-index';
import { refusalOf } from '../../support/refusal';
import { until } from '../../support/until';

/** Docker lists what it cannot inspect: what only its list tells is in lists, and no status states it. */
jest.setTimeout(30_000);

const { ctx } = aCall();

let node: FakeNode;
let connection: EngineConnection;
let nodeIndex: NodeIndex;
let draining: Promise<void>;
let index: ContainerIndex;
let askRuntimes: () => Promise<EngineRuntimes>;
let status: (one: FakeContainer) => Promise<unknown>;
let podStatus: (pod: FakeContainer) => Promise<unknown>;

beforeEach(async () => {
  node = new FakeNode();
  await node.start();
  askRuntimes = () => Promise.resolve(RUNTIMES);
  draining = Promise.resolve();
  connection = new EngineConnection(node.engine.socketPath);
  const engine = new DockerodeEngine(connection);
  nodeIndex = nodeIndexOver(engine, {
    runtimes: () => askRuntimes(),
    drain: { drained: () => draining },
    addresses: ({ State }) => Promise.resolve(State.Pid === 0 ? [] : ['10.0.0.1']),
  });
  index = nodeIndex.containers;
  const { statuses } = nodeIndex;
  const network = {} as Pick<PodNetwork, 'check'>;
  const ofContainer = containerStatus({ engine, index, statuses });
  const ofPod = podSandboxStatus({ engine, index, statuses, network });
  status = async ({ id }) => (await ofContainer({ containerId: id, verbose: false }, ctx)).status;
  podStatus = async ({ id }) => (await ofPod({ podSandboxId: id, verbose: false }, ctx)).status;
});

afterEach(async () => {
  nodeIndex.stop();
  connection.close();
  await node.engine.remove();
});

async function inStep(): Promise<void> {
  nodeIndex.start();
  let questions: number;
  do {
    questions = node.questions;
    await Promise.all([index.containers(ctx), nodeIndex.images.byId(ctx)]);
  } while (node.questions > questions);
}

const confuse = ({ id }: FakeContainer) =>
  node.engine.on(`GET /containers/${id}/json`, json({ message: 'docker is confused' }, 500));

const listedStates = async () => (await index.containers(ctx)).map(({ status: { state } }) => state);
const cannotTellOf = (words: string, { id }: FakeContainer) =>
  `Unavailable: docker cannot tell of ${words} ${id} just now: try again`;

describe('a container that has ended, and only the list tells', () => {
  it('is in lists and has no status, nor has its pod, until Docker can tell', async () => {
    const pod = node.sandbox(1);
    const container = node.container(2, pod, 'exited');
    container.exitCode = 3;
    confuse(container);
    await inStep();
    expect(await listedStates()).toEqual([ContainerState.CONTAINER_EXITED]);
    expect(await refusalOf(status(container))).toBe(cannotTellOf('container', container));
    expect(await refusalOf(podStatus(pod))).toBe(cannotTellOf('container', container));

    // The status itself looks again.
    node.answerAbout(container);
    expect(await status(container)).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(await podStatus(pod)).toMatchObject({ network: { ip: '10.0.0.1' } });
  });

  it('has none either when it was known as running', async () => {
    const container = node.container(2, node.sandbox(1));
    await inStep();
    confuse(container);
    container.status = 'exited';
    container.exitCode = 3;
    await index.check();
    expect(await listedStates()).toEqual([ContainerState.CONTAINER_EXITED]);
    expect(await refusalOf(status(container))).toBe(cannotTellOf('container', container));
    node.answerAbout(container);
    expect(await status(container)).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  it('has one when its output is in the log', async () => {
    const container = node.container(2, node.sandbox(1));
    await inStep();
    confuse(container);
    container.status = 'exited';
    await index.check();
    node.answerAbout(container);
    let drained!: () => void;
    draining = new Promise((resolve) => (drained = resolve));
    let isOver = false;
    const answer = status(container).then(() => (isOver = true));
    await until(() => node.engine.count(`GET /containers/${container.id}/json`) === 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isOver).toBe(false);
    drained();
    expect(await answer).toBe(true);
  });

  it('is refused within the bound of a look when its inspect hangs, and delays no other', async () => {
    const pod = node.sandbox(1);
    const container = node.container(2, pod, 'exited');
    const other = node.container(3, node.sandbox(4), 'exited');
    confuse(container);
    await inStep();
    node.hang(container);
    let isRefused = false;
    const refused = refusalOf(status(container)).finally(() => (isRefused = true));
    expect(await status(other)).toMatchObject({ state: ContainerState.CONTAINER_EXITED });
    expect(isRefused).toBe(false);
    expect(await refused).toBe(cannotTellOf('container', container));
  });

  it('is as it was known when nothing else is told of it', async () => {
    const container = node.container(2, node.sandbox(1), 'exited');
    container.exitCode = 3;
    await inStep();
    confuse(container);
    node.tell(container, 'update');
    await until(() => node.engine.count(`GET /containers/${container.id}/json`) === 2);
    await index.check();
    expect(await status(container)).toMatchObject({ exitCode: 3 });
  });
});

describe('a sandbox that runs, and only the list tells', () => {
  it('has no status until Docker can tell its address', async () => {
    const pod = node.sandbox(1);
    confuse(pod);
    await inStep();
    expect(await index.sandboxes(ctx)).toHaveLength(1);
    expect(await refusalOf(podStatus(pod))).toBe(cannotTellOf('pod sandbox', pod));
    node.answerAbout(pod);
    expect(await podStatus(pod)).toMatchObject({ network: { ip: '10.0.0.1' }, linux: {} });
  });

  it('has none when an event told of its start', async () => {
    const pod = node.sandbox(1, 'created');
    await inStep();
    confuse(pod);
    node.tell(pod, 'start');
    await until(async () => (await index.sandboxes(ctx))[0]?.running === true);
    expect(await refusalOf(podStatus(pod))).toBe(cannotTellOf('pod sandbox', pod));
  });
});

it('no event tells of a pod what its status would not', async () => {
  const pod = node.sandbox(1);
  const [mute, other] = [node.container(2, pod, 'exited'), node.container(3, pod)];
  confuse(mute);
  await inStep();
  const reader = nodeIndex.hub.read(ctx);
  const first = reader.next().then((result) => result.value as ContainerEventResponse);
  other.status = 'exited';
  node.tell(other, 'die');
  expect(await refusalOf(first)).toMatch(/^ResourceExhausted: events were missed: .*docker cannot tell of container/);
});

it('looks do with the names of runtimes that were known before when new ones are long in coming', async () => {
  const container = node.container(2, node.sandbox(1));
  await inStep();
  askRuntimes = () => new Promise(() => undefined);
  container.status = 'exited';
  container.exitCode = 3;
  await index.shows(ctx, container.id, (record) => !record.running);
  expect(await status(container)).toMatchObject({ exitCode: 3 });
});

it('looks do without the names of runtimes that were never told, until they are', async () => {
  const known = { ...RUNTIMES, default: 'special' };
  const pod = node.sandbox(1);
  const container = node.container(2, pod);
  askRuntimes = () => new Promise(() => undefined);
  await inStep();
  expect(await podStatus(pod)).toMatchObject({ id: pod.id, runtimeHandler: '' });
  expect(await status(container)).toMatchObject({ id: container.id });
  expect((await index.settledSandbox(ctx, pod.id)).details).toBeDefined();
  askRuntimes = () => Promise.resolve(known);
  await until(async () => {
    index.lookAgain();
    return (await index.toldSandbox(ctx, pod.id)).runtimeHandler === 'runc';
  });
});

describe('a container whose first looks fail', () => {
  it('is in lists when the call that made it returns', async () => {
    await inStep();
    const engine = new IndexedEngine(connection, index, nodeIndex.images);
    const young = node.container(3, node.sandbox(1), 'created');
    confuse(young);
    node.engine.on('POST /containers/create', json({ Id: young.id }, 201));
    await engine.createContainer(ctx, 'young', { Image: 'i', HostConfig: {} });
    expect((await index.containers(ctx)).map(({ id }) => id)).toEqual([young.id]);
  });

  it('is in lists when an event told of it', async () => {
    await inStep();
    const young = node.container(3, node.sandbox(1));
    confuse(young);
    node.tell(young, 'create');
    await until(async () => (await index.containers(ctx)).length === 1);
  });

  it('is looked for in the list again, when there was none at first', async () => {
    await inStep();
    const young = node.container(3, node.sandbox(1));
    confuse(young);
    node.engine.on('GET /containers/json', json({ message: 'no list' }, 500));
    await index.shows(ctx, young.id, () => true);
    expect(await index.containers(ctx)).toEqual([]);
    node.engine.on('GET /containers/json', (request, reply) => json(node.rows())(request, reply));
    index.lookAgain();
    await until(async () => (await index.containers(ctx)).length === 1);
  });
});
