import {
  ImageServiceService as Images,
  ImageSpec,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { createApp, type App } from '../../src/app';
import { silentLog } from '../../src/lib/log';
import { CriClient } from '../support/cri-client';
import { json } from '../support/fake-engine';
import { FakeNode } from '../support/fake-node';
import { readConfig } from '../support/read-config';
import { temporaryDirectory } from '../support/temporary-directory';

const directory = temporaryDirectory();
let node: FakeNode;
let app: App;

beforeEach(async () => {
  node = new FakeNode();
  await node.start();
  const flags = [
    ['--container-runtime-endpoint', `unix://${directory.path('cri.sock')}`],
    ['--docker-endpoint', `unix://${node.engine.socketPath}`],
    ['--root-directory', directory.path('root')],
    ['--cri-dockerd-root-directory', directory.path('cri-dockerd')],
    ['--cni-cache-dir', directory.path('cni-cache')],
    ['--network-plugin', 'bridge'],
  ].flat();
  app = await createApp(readConfig(flags), [], silentLog);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await app.stop();
  await node.engine.remove();
});

function questions(): number {
  return node.engine.seen.filter(({ url }) => url.endsWith('/info')).length;
}

it('has asked the engine what it is before the first call', async () => {
  await app.start();
  while (questions() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const client = new CriClient(directory.path('cri.sock'));
  expect((await client.call(Runtime.version, { version: '' })).runtimeVersion).toBe('26.1.4');
  expect(questions()).toBe(1);
  client.close();
});

it('measures while the engine hangs, by what it said however long ago', async () => {
  await app.start();
  const client = new CriClient(directory.path('cri.sock'));
  const stats = () => client.call(Runtime.listContainerStats, { filter: undefined }, { timeoutMs: 5_000 });
  await stats();
  node.engine.on('GET /info', () => undefined);
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000);
  expect(await stats()).toEqual({ stats: [] });
  client.close();
});

it('starts and ends while the engine hangs', async () => {
  node.engine.on('GET /info', () => undefined);
  await app.start();
  while (questions() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
});

it('lists and removes an image that Docker lists, and does not find when asked for it alone', async () => {
  const id = `sha256:${'a'.repeat(64)}`;
  node.images = [{ Id: id, RepoTags: ['r.io/x:1'], RepoDigests: null, Size: 5 }];
  node.engine.on(`GET /images/${id}/json`, json({ message: `No such image: ${id}` }, 404));
  node.engine.on(`DELETE /images/${id}`, (request, reply) => {
    node.images = [];
    json([])(request, reply);
  });
  await app.start();
  const client = new CriClient(directory.path('cri.sock'));
  const list = async () => (await client.call(Images.listImages, { filter: undefined })).images;
  expect(await list()).toMatchObject([{ id, size: 5n }]);
  await client.call(Images.removeImage, { image: ImageSpec.fromPartial({ image: id }) });
  expect(await list()).toEqual([]);
  client.close();
});
