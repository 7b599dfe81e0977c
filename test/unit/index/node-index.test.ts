import { ContainerEventType, ContainerState, type ContainerEventResponse } from '../../../generated/runtime/v1/api';
import { EngineConnection } from '../../../src/docker/connection';
import { DockerodeEngine } from '../../../src/docker/dockerode-engine';
import type { ContainerIndex } from '../../../src/index/container-index';
import type { ImageIndex } from '../../../src/index/image-index';
import type { NodeIndex } from '../../../src/index/node-index';
import { aCall } from '../../support/a-call';
import { hangUp, json } from '../../support/fake-engine';
import { FakeNode, idOf, type FakeContainer } from '../../support/fake-node';
import { nodeIndexOver } from '../../support/node-index';
import { until } from '../../support/until';
import { refusalOf } from '../../support/refusal';

jest.setTimeout(20_000);

let node: FakeNode;
let connection: EngineConnection;
let index: ContainerIndex;
let images: ImageIndex;
let nodeIndex: NodeIndex;
let draining: Promise<void>;
const { ctx } = aCall();

beforeEach(async () => {
  node = new FakeNode();
  await node.start();
  draining = Promise.resolve();
  connection = new EngineConnection(node.engine.socketPath);
  const engine = new DockerodeEngine(connection);
  nodeIndex = nodeIndexOver(engine, { drain: { drained: () => draining } });
  index = nodeIndex.containers;
  images = nodeIndex.images;
});

afterEach(async () => {
  nodeIndex.stop();
  connection.close();
  await node.engine.remove();
});

async function questionsOf(work: () => Promise<unknown>): Promise<number> {
  const before = node.questions;
  await work();
  return node.questions - before;
}

async function read(): Promise<void> {
  await Promise.all([index.sandboxes(ctx), index.containers(ctx), images.byId(ctx)]);
}

/** Returns when reads ask Docker nothing. */
async function inStep(): Promise<void> {
  await until(async () => (await questionsOf(read)) === 0);
}

async function stateOf(container: FakeContainer): Promise<ContainerState> {
  return (await index.container(ctx, container.id)).status.state;
}

describe('in step', () => {
  it('asks Docker for everything once, and then nothing', async () => {
    const pod = node.sandbox(1);
    const container = node.container(2, pod);
    node.foreign(3);
    nodeIndex.start();
    await inStep();

    const questions = await questionsOf(async () => {
      expect((await index.sandboxes(ctx)).map(({ id }) => id)).toEqual([pod.id]);
      expect((await index.containers(ctx)).map(({ id }) => id)).toEqual([container.id]);
      expect((await index.members(ctx, pod.id)).map(({ id }) => id)).toEqual([container.id]);
      expect((await index.sandbox(ctx, pod.id)).facts.metadata?.name).toBe('pod1');
      expect(await stateOf(container)).toBe(ContainerState.CONTAINER_RUNNING);
    });
    expect(questions).toBe(0);
    expect(node.engine.count(`GET /containers/${container.id}/json`)).toBe(1);
    expect(node.engine.count(`GET /containers/${idOf(3)}/json`)).toBe(0);
  });

  it('looks at what an event tells of, and at nothing else', async () => {
    const pod = node.sandbox(1);
    const container = node.container(2, pod, 'created');
    nodeIndex.start();
    await inStep();

    container.status = 'running';
    const questions = await questionsOf(async () => {
      node.tell(container, 'start');
      await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_RUNNING);
    });
    expect(questions).toBe(1);
    node.tell(node.foreign(3), 'start');
    node.remove(container);
    node.tell(container, 'destroy');
    await until(async () => (await index.containers(ctx)).length === 0);
    expect(node.engine.count(`GET /containers/${idOf(3)}/json`)).toBe(0);
  });

  it('does not look at what an event tells late, and looks at what comes after it', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    const looks = () => node.engine.count(`GET /containers/${container.id}/json`);
    expect(looks()).toBe(1);
    node.tell(container, 'create');
    node.tell(container, 'start');
    container.status = 'exited';
    node.tell(container, 'die');
    await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_EXITED);
    expect(looks()).toBe(2);

    // It has been restarted, and ended again: the look at the start may be from before that end.
    container.exitCode = 7;
    node.tell(container, 'start');
    node.tell(container, 'die');
    await until(async () => (await index.container(ctx, container.id)).status.exitCode === 7);
    await until(() => looks() === 4);
  });

  it('finds by a unique beginning of an id, and tells what it is', async () => {
    const pod = node.sandbox(0xabc);
    node.container(0xabd, pod);
    nodeIndex.start();
    await inStep();

    expect((await index.sandbox(ctx, pod.id.slice(0, 64))).id).toBe(pod.id);
    expect(await refusalOf(index.sandbox(ctx, '00'))).toMatch(/^InvalidArgument: several/);
    expect(await refusalOf(index.container(ctx, pod.id))).toBe(`NotFound: there is no container with the id ${pod.id}`);
    expect(await refusalOf(index.sandbox(ctx, 'f'))).toBe('NotFound: there is no pod sandbox with the id f');
    expect(await refusalOf(index.sandbox(ctx, ''))).toMatch(/^InvalidArgument: pod_sandbox_id/);
  });

  it('counts what no event has told as drift, once', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();

    container.status = 'exited';
    await index.check();
    expect(await stateOf(container)).toBe(ContainerState.CONTAINER_EXITED);
    expect(index.drift).toBe(1);
    node.remove(container);
    await index.check();
    expect(await index.containers(ctx)).toEqual([]);
    expect(index.drift).toBe(2);
    await index.check();
    expect(index.drift).toBe(2);
  });

  it('finds a start that failed, which nothing but inspect tells', async () => {
    const container = node.container(2, node.sandbox(1), 'created');
    nodeIndex.start();
    await inStep();

    container.exitCode = 127;
    index.lookAgain();
    await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_EXITED);
  });

  it('asks again about none that has started, ended or failed to start', async () => {
    const pod = node.sandbox(1);
    const running = node.container(2, pod);
    node.container(3, pod, 'exited');
    node.container(4, pod, 'created').exitCode = 127;
    nodeIndex.start();
    await inStep();

    const questions = await questionsOf(async () => {
      index.lookAgain();
      await index.shows(ctx, running.id, () => false);
    });
    // That of `shows`.
    expect(questions).toBe(1);
  });

  it('shows an end when the output is in the log', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    let drained!: () => void;
    draining = new Promise((resolve) => (drained = resolve));

    container.status = 'exited';
    node.tell(container, 'die');
    await until(() => node.engine.count(`GET /containers/${container.id}/json`) === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await stateOf(container)).toBe(ContainerState.CONTAINER_RUNNING);
    drained();
    await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_EXITED);
  });

  it('reads the images again at an event, and looks at each once', async () => {
    const built = { Os: 'linux', Architecture: 'amd64', Config: { User: '7' } };
    const image = { Id: 'sha256:a', RepoTags: ['a:1'], RepoDigests: null, Size: 1, ...built };
    node.images = [image];
    node.engine.on('GET /images/sha256:a/json', (_request, reply) => void reply.end(JSON.stringify(image)));
    nodeIndex.start();
    await inStep();

    expect((await images.byId(ctx)).get('sha256:a')).toMatchObject({ repoTags: ['a:1'], uid: { value: 7n } });
    node.images = [{ ...image, RepoTags: ['a:1', 'a:2'] }];
    node.say({ Type: 'image', Action: 'tag', Actor: { ID: 'sha256:a' } });
    await until(async () => (await images.byId(ctx)).get('sha256:a')?.repoTags.length === 2);
    expect(node.engine.count('GET /images/sha256:a/json')).toBe(1);
  });
});

describe('out of step', () => {
  it('lets the first reader wait for the first comparison', async () => {
    node.container(2, node.sandbox(1));
    nodeIndex.start();
    expect(await index.containers(ctx)).toHaveLength(1);
  });

  it('fails a read when there is no engine', async () => {
    await node.engine.stop();
    nodeIndex.start();
    expect(await refusalOf(index.containers(ctx))).toMatch(/^Unavailable: no Docker Engine/);
    expect(await refusalOf(index.container(ctx, idOf(2)))).toMatch(/^Unavailable: no Docker Engine/);
  });

  it('asks Docker at each read while there are no events, and nothing once they are back', async () => {
    const pod = node.sandbox(1);
    const container = node.container(2, pod);
    nodeIndex.start();
    await inStep();

    node.breakEvents();
    await until(async () => (await questionsOf(() => index.containers(ctx))) > 0);
    container.status = 'exited';
    expect(await stateOf(container)).toBe(ContainerState.CONTAINER_EXITED);
    const young = node.container(3, pod);
    expect((await index.containers(ctx)).map(({ id }) => id)).toEqual([young.id, container.id]);
    node.remove(container);
    expect(await refusalOf(stateOf(container))).toMatch(/^NotFound/);
    node.remove(pod);
    expect(await index.sandboxes(ctx)).toEqual([]);

    node.tellEvents();
    await inStep();
    young.status = 'exited';
    node.tell(young, 'die');
    await until(async () => (await stateOf(young)) === ContainerState.CONTAINER_EXITED);
    expect(index.drift).toBe(0);
  });

  it('asks for the events since the last one', async () => {
    nodeIndex.start();
    await inStep();
    node.say({ Type: 'image', Action: 'tag', Actor: { ID: 'a' } });
    const told = Math.floor(Date.now() / 1000);
    await until(() => node.questions > 2);
    node.breakEvents();
    node.tellEvents();
    await until(() => node.engine.count('GET /events') > 1);
    const since = node.engine.seen
      .filter(({ url }) => url.includes('/events'))
      .map(({ url }) => /since=(\d+)/.exec(url));
    expect(Math.abs(Number(since.at(-1)?.[1]) - told)).toBeLessThanOrEqual(1);
  });

  it('looks again at everything when events were missed: the list does not tell of a new limit', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    const looks = () => node.engine.count(`GET /containers/${container.id}/json`);
    node.breakEvents();
    node.tellEvents();
    await until(() => looks() === 2);
  });
});

describe('a container that Docker does not tell of', () => {
  it('is shown as the list has it, and holds up no other', async () => {
    const pod = node.sandbox(1);
    const mute = Array.from({ length: 20 }, (_, at) => node.container(100 + at, pod));
    mute.forEach((one) => node.hang(one));
    const other = node.container(2, pod);
    nodeIndex.start();

    expect((await index.container(ctx, other.id)).id).toBe(other.id);
    await inStep();
    const listed = await index.containers(ctx);
    expect(listed).toHaveLength(21);
    expect(listed.every(({ status }) => status.state === ContainerState.CONTAINER_RUNNING)).toBe(true);

    mute.forEach((one) => node.tell(one, 'update'));
    await until(() => node.unanswered === mute.length);
    other.status = 'exited';
    node.tell(other, 'die');
    await until(async () => (await stateOf(other)) === ContainerState.CONTAINER_EXITED);
    expect(node.unanswered).toBe(mute.length);
  });

  it('is not said to be gone while events are broken', async () => {
    const container = node.container(2, node.sandbox(1));
    node.hang(container);
    node.breakEvents();
    nodeIndex.start();
    expect((await index.container(ctx, container.id)).status.state).toBe(ContainerState.CONTAINER_RUNNING);
  });

  it('is not said to be gone when nothing is known of it', async () => {
    nodeIndex.start();
    await inStep();
    const container = node.container(2, node.sandbox(1));
    node.hang(container);
    expect((await index.container(ctx, container.id)).status.state).toBe(ContainerState.CONTAINER_RUNNING);

    const silent = node.container(3, node.sandbox(1));
    node.hang(silent);
    node.engine.on('GET /containers/json', json({ message: 'no list' }, 500));
    expect(await refusalOf(index.container(ctx, silent.id))).toBe('Internal: docker: no list');
    // It is looked at again like all that Docker could not tell of.
    node.answerAbout(silent);
    index.lookAgain();
    await until(async () => (await index.containers(ctx)).length === 2);
  });

  it('is looked at for the next event, whatever it says', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    const looks = () => node.engine.count(`GET /containers/${container.id}/json`);
    node.engine.on(`GET /containers/${container.id}/json`, json({ message: 'shutting down' }, 503));
    node.tell(container, 'die');
    await until(() => looks() === 2);
    node.answerAbout(container);
    node.tell(container, 'start');
    await until(() => looks() === 3);
  });

  it('is shown as events say', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    node.hang(container);
    node.tell(container, 'die', { exitCode: '3' });
    await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_EXITED);
    const { status } = await index.container(ctx, container.id);
    expect(status).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(status.finishedAt).toBeGreaterThan(0n);
  });

  it('is looked at again', async () => {
    const container = node.container(2, node.sandbox(1));
    node.hang(container);
    nodeIndex.start();
    await inStep();
    expect((await index.container(ctx, container.id)).status.startedAt).toBe(0n);
    node.answerAbout(container);
    index.lookAgain();
    await until(async () => (await index.container(ctx, container.id)).status.startedAt > 0n);
  });

  it('does not come back when it is gone meanwhile', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    let answer!: () => void;
    node.engine.on(`GET /containers/${container.id}/json`, (request, reply) => {
      answer = () => {
        node.answerAbout(container);
        reply.end('{}');
      };
      request.once('close', () => undefined);
    });
    node.tell(container, 'update');
    await until(() => node.engine.count(`GET /containers/${container.id}/json`) === 2);
    node.tell(container, 'destroy');
    await until(async () => (await index.containers(ctx)).length === 0);
    answer();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await index.containers(ctx)).toEqual([]);
  });
});

describe('events', () => {
  const { CONTAINER_CREATED_EVENT: CREATED, CONTAINER_STARTED_EVENT: STARTED } = ContainerEventType;
  const { CONTAINER_STOPPED_EVENT: STOPPED, CONTAINER_DELETED_EVENT: DELETED } = ContainerEventType;

  /** The next events of a reader. */
  async function take(
    reader: AsyncGenerator<ContainerEventResponse>,
    count: number,
  ): Promise<ContainerEventResponse[]> {
    const events: ContainerEventResponse[] = [];
    while (events.length < count) {
      const next = await reader.next();
      if (next.done) break;
      events.push(next.value);
    }
    return events;
  }

  const told = (events: readonly ContainerEventResponse[]) =>
    events.map((event) => [Number.parseInt(event.containerId, 16), event.containerEventType]);

  /** A reader that is there already. */
  function read(): AsyncGenerator<ContainerEventResponse> & { first: Promise<IteratorResult<ContainerEventResponse>> } {
    const reader = nodeIndex.hub.read(ctx);
    return Object.assign(reader, { first: reader.next() });
  }

  it('are told in order, each with the whole pod', async () => {
    const pod = node.sandbox(1);
    nodeIndex.start();
    await inStep();
    const reader = read();
    const container = node.container(2, pod, 'created');
    node.tell(container, 'create');
    await until(async () => (await index.containers(ctx)).length === 1);
    container.status = 'running';
    node.tell(container, 'start');
    await until(async () => (await stateOf(container)) === ContainerState.CONTAINER_RUNNING);
    node.remove(container);
    node.tell(container, 'destroy');

    const { value: first } = (await reader.first) as { value: ContainerEventResponse };
    const events = [first, ...(await take(reader, 3))];
    expect(told(events)).toEqual([CREATED, STARTED, STOPPED, DELETED].map((type) => [2, type]));
    const states = events.map(({ containersStatuses }) => containersStatuses.map(({ state }) => state));
    const { CONTAINER_CREATED, CONTAINER_RUNNING } = ContainerState;
    expect(states).toEqual([[CONTAINER_CREATED], [CONTAINER_RUNNING], [], []]);
    expect(events.every(({ podSandboxStatus }) => podSandboxStatus?.network?.ip === '10.0.0.1')).toBe(true);
    expect(events.every(({ createdAt }) => createdAt > 0n)).toBe(true);
  });

  it('of a sandbox that is being made wait until it is, and others do not', async () => {
    const other = node.sandbox(9);
    nodeIndex.start();
    await inStep();
    const reader = read();
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const making = nodeIndex.podEvents.whileMaking('k8s_POD_pod1_ns_uid1_0', () => finished);
    const pod = node.sandbox(1);
    node.tell(pod, 'start');
    await until(async () => (await index.sandboxes(ctx)).length === 2);
    other.status = 'exited';
    node.tell(other, 'die');
    expect(told([((await reader.first) as { value: ContainerEventResponse }).value])).toEqual([[9, STOPPED]]);
    finish();
    await making;
    expect(told(await take(reader, 2))).toEqual([
      [1, CREATED],
      [1, STARTED],
    ]);
  });

  it('of a sandbox that is gone say that it is not ready', async () => {
    const pod = node.sandbox(1);
    nodeIndex.start();
    await inStep();
    const reader = read();
    node.remove(pod);
    node.tell(pod, 'destroy');
    const first = ((await reader.first) as { value: ContainerEventResponse }).value;
    const events = [first, ...(await take(reader, 1))];
    expect(told(events)).toEqual([
      [1, STOPPED],
      [1, DELETED],
    ]);
    expect(events.map(({ podSandboxStatus }) => podSandboxStatus?.state)).toEqual([1, 1]);
    expect(events[1]?.podSandboxStatus?.metadata?.uid).toBe('uid1');
  });

  it('come also of what happened while there were no events of Docker', async () => {
    const container = node.container(2, node.sandbox(1));
    nodeIndex.start();
    await inStep();
    const reader = read();
    node.breakEvents();
    container.status = 'exited';
    node.tellEvents();
    expect(told([((await reader.first) as { value: ContainerEventResponse }).value])).toEqual([[2, STOPPED]]);
  });
});

it('survives an engine that hangs up on every question', async () => {
  node.engine.on('GET /containers/json', hangUp);
  nodeIndex.start();
  expect(await refusalOf(index.containers(ctx))).toMatch(/^Unavailable/);
});
