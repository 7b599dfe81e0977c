import type { ImageInspect } from '../../../src/docker/types';
import { listImages } from '../../../src/image/list';
import type { CallContext } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const ctx: CallContext = { signal: new AbortController().signal, log: silentLog };

function image(name: string): ImageInspect {
  return { Id: `sha256:${name}`, RepoTags: [`${name}:1`], RepoDigests: null, Size: 1, Config: { User: '7' } };
}

function listOf(inspectImage: (id: string) => Promise<ImageInspect>, pinned: string[] = []) {
  const engine = {
    listImages: () => Promise.resolve([image('a'), image('b')]),
    inspectImage: (_ctx: CallContext, id: string) => inspectImage(id),
  };
  return listImages({ engine, pinned: () => pinned })({ filter: undefined }, ctx);
}

const fine = (id: string): Promise<ImageInspect> => Promise.resolve({ ...image('any'), Id: id });
const failing = (kind: ShimError['kind']) => (id: string) =>
  id === 'sha256:a' ? Promise.reject(new ShimError(kind, 'docker: no')) : fine(id);

it('pins by any way to write a name, and by id', async () => {
  for (const pin of ['a:1', 'docker.io/library/a:1', 'sha256:a']) {
    expect((await listOf(fine, [pin])).images.map(({ pinned }) => pinned)).toEqual([true, false]);
  }
});

it('leaves out an image that is removed meanwhile', async () => {
  expect((await listOf(failing('NotFound'))).images).toMatchObject([{ id: 'sha256:b', uid: { value: 7n } }]);
});

it('lists an image that Docker cannot inspect, without its user', async () => {
  const { images } = await listOf(failing('Internal'));
  expect(images).toMatchObject([{ id: 'sha256:a', uid: undefined }, { id: 'sha256:b' }]);
});

it('fails when the engine is lost', async () => {
  await expect(listOf(failing('Unavailable'))).rejects.toMatchObject({ kind: 'Unavailable' });
});
