import { ContainerState } from '../../../generated/runtime/v1/api';
import { EngineConnection } from '../../../src/docker/connection';
import { DockerodeEngine } from '../../../src/docker/dockerode-engine';
import type { ContainerIndex } from '../../../src/index/container-index';
import type { ImageIndex } from '../../../src/index/image-index';
import { IndexedEngine } from '../../../src/index/indexed-engine';
import type { NodeIndex } from '../../../src/index/node-index';
import { aCall } from '../../support/a-call';
import { json, text, type Answer } from '../../support/fake-engine';
import { FakeNode, idOf, inspected, type FakeContainer } from '../../support/fake-node';
import { nodeIndexOver } from '../../support/node-index';
import { until } from '../../support/until';

/** Events flow, but the engine tells of nothing: what is shown, the calls themselves have brought about. */
let node: FakeNode;
let connection: EngineConnection;
let index: ContainerIndex;
let images: ImageIndex;
let nodeIndex: NodeIndex;
let engine: IndexedEngine;
let container: FakeContainer;
const { ctx } = aCall();
const LIMITS = { Memory: 64 << 20, MemorySwap: 64 << 20 };

beforeEach(async () => {
  node = new FakeNode();
  await node.start();
  container = node.container(2, node.sandbox(1), 'created');
  connection = new EngineConnection(node.engine.socketPath);
  const docker = new DockerodeEngine(connection);
  nodeIndex = nodeIndexOver(docker);
  index = nodeIndex.containers;
  images = nodeIndex.images;
  engine = new IndexedEngine(connection, index, images);
  nodeIndex.start();
  let questions: number;
  do {
    questions = node.questions;
    await Promise.all([index.containers(ctx), images.byId(ctx)]);
  } while (node.questions > questions);
});

afterEach(async () => {
  nodeIndex.stop();
  connection.close();
  await node.engine.remove();
});

/** Answers after the change that the request asks for. */
function does(change: () => void, answer: Answer = text('', 204)): Answer {
  return (request, reply) => {
    change();
    answer(request, reply);
  };
}

async function state(): Promise<ContainerState> {
  return (await index.container(ctx, container.id)).status.state;
}

it('shows a container that was created', async () => {
  const young = idOf(3);
  const create = does(() => void node.container(3, node.sandbox(1), 'created'), json({ Id: young }, 201));
  node.engine.on('POST /containers/create', create);
  await engine.createContainer(ctx, 'young', { Image: 'i', HostConfig: {} });
  const before = node.questions;
  expect((await index.container(ctx, young)).id).toBe(young);
  expect(node.questions).toBe(before);
});

it('looks once at what it has created, also when the event comes in the middle of the look', async () => {
  const young = node.container(3, node.sandbox(1), 'created');
  let answer: (() => void) | undefined;
  node.engine.on('POST /containers/create', json({ Id: young.id }, 201));
  node.engine.on(`GET /containers/${young.id}/json`, (request, reply) => {
    answer = () => json(inspected(young))(request, reply);
  });
  const creating = engine.createContainer(ctx, 'young', { Image: 'i', HostConfig: {} });
  await until(() => answer !== undefined);
  node.tell(young, 'create');
  // Events are told in their order.
  node.tell(container, 'oom');
  await until(() => node.engine.count(`GET /containers/${container.id}/json`) === 2);
  answer?.();
  await creating;
  expect((await index.container(ctx, young.id)).id).toBe(young.id);
  expect(node.engine.count(`GET /containers/${young.id}/json`)).toBe(1);
});

it('shows a start, also one that failed', async () => {
  const path = `POST /containers/${container.id}/start`;
  node.engine.on(
    path,
    does(() => (container.exitCode = 127), json({ message: 'no such program' }, 400)),
  );
  await expect(engine.startContainer(ctx, container.id)).rejects.toMatchObject({ kind: 'InvalidArgument' });
  expect(await state()).toBe(ContainerState.CONTAINER_EXITED);

  node.engine.on(
    path,
    does(() => (container.status = 'running')),
  );
  container.exitCode = 0;
  await engine.updateContainer(ctx, container.id, LIMITS).catch(() => undefined);
  await engine.startContainer(ctx, container.id);
  expect(await state()).toBe(ContainerState.CONTAINER_RUNNING);
});

it('shows a stop', async () => {
  container.status = 'running';
  node.engine.on(`POST /containers/${container.id}/update`, text('{}'));
  await engine.updateContainer(ctx, container.id, LIMITS);
  expect(await state()).toBe(ContainerState.CONTAINER_RUNNING);
  node.engine.on(
    `POST /containers/${container.id}/stop`,
    does(() => (container.status = 'exited')),
  );
  await engine.stopContainer(ctx, container.id, 0);
  expect(await state()).toBe(ContainerState.CONTAINER_EXITED);
});

it('shows an update', async () => {
  const update = `POST /containers/${container.id}/update`;
  node.engine.on(
    update,
    does(() => (container.resources = LIMITS), json({})),
  );
  await engine.updateContainer(ctx, container.id, LIMITS);
  expect((await index.container(ctx, container.id)).status.resources?.linux).toMatchObject({
    memoryLimitInBytes: 64n << 20n,
  });
  const [listed] = await index.containers(ctx);
  expect(listed?.status.resources?.linux?.memoryLimitInBytes).toBe(64n << 20n);
  // What Docker's event has shown by then, and what was so before, is not looked at again.
  const before = node.questions;
  await engine.updateContainer(ctx, container.id, LIMITS);
  expect(node.questions - before).toBe(1);
});

it('lets who reads wait for an update that Docker is slow to tell of, and nobody else', async () => {
  const memory = async () => (await index.container(ctx, container.id)).status.resources?.linux?.memoryLimitInBytes;
  const questions: (() => void)[] = [];
  node.engine.on(`POST /containers/${container.id}/update`, json({}));
  node.engine.on(`GET /containers/${container.id}/json`, (request, reply) => {
    questions.push(() => json(inspected(container))(request, reply));
  });
  container.resources = LIMITS;
  await engine.updateContainer(ctx, container.id, LIMITS);
  await index.containers(ctx);
  await index.sandbox(ctx, node.sandbox(1).id);

  const read = memory();
  const leaving = new AbortController();
  const left = index.container({ ...ctx, signal: leaving.signal }, container.id);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  // Of two updates the second shows nothing new: its readers wait for the first all the same.
  await engine.updateContainer(ctx, container.id, {});
  const later = memory();
  await until(() => questions.length > 0);
  questions.splice(0).forEach((answer) => answer());
  expect(await Promise.all([read, later])).toEqual([64n << 20n, 64n << 20n]);

  const before = node.questions;
  expect(await memory()).toBe(64n << 20n);
  expect(node.questions).toBe(before);
});

it.each([
  ['that went well', text('', 204)],
  ['of what is gone already', json({ message: 'No such container' }, 404)],
])('shows a removal %s, without a question', async (_name, answer) => {
  node.engine.on(`DELETE /containers/${container.id}`, answer);
  const before = node.questions;
  await engine.removeContainer(ctx, container.id, { force: true }).catch(() => undefined);
  expect(await index.containers(ctx)).toEqual([]);
  // The removal itself.
  expect(node.questions - before).toBe(1);
});

it('shows which images there are after a removal', async () => {
  node.images = [{ Id: 'sha256:a', RepoTags: null, RepoDigests: null, Size: 1 }];
  node.engine.on('GET /images/sha256:a/json', json({ Id: 'sha256:a' }));
  await images.refresh(ctx);
  expect((await images.byId(ctx)).size).toBe(1);
  node.engine.on(
    'DELETE /images/sha256:a',
    does(() => (node.images = []), json([])),
  );
  await engine.removeImage(ctx, 'sha256:a');
  expect((await images.byId(ctx)).size).toBe(0);
});

it('does not wait for a look longer than its call lasts', async () => {
  node.hang(container);
  const call = aCall();
  node.engine.on(`POST /containers/${container.id}/update`, text('{}'));
  const updating = engine.updateContainer(call.ctx, container.id, LIMITS);
  while (node.unanswered === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  call.cancel();
  await updating;
  expect(node.unanswered).toBe(1);
});
