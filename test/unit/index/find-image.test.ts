import { RemoveImageRequest } from '../../../generated/runtime/v1/api';
import type { ImageInspect } from '../../../src/docker/types';
import { findImage, findingListed, requireImage } from '../../../src/index/find-image';
import { ShimError } from '../../../src/lib/errors';
import { removeImage } from '../../../src/image/remove';
import { toImage } from '../../../src/translate/image';
import { parseReference } from '../../../src/translate/image-reference';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

/** An engine with one image, and what it was asked for. */
function engineWith(name: string) {
  const asked: string[] = [];
  const inspectImage = (_ctx: unknown, reference: string): Promise<ImageInspect> => {
    asked.push(reference);
    if (reference !== name) return Promise.reject(new ShimError('NotFound', 'No such image'));
    return Promise.resolve({ Id: 'sha256:1' } as ImageInspect);
  };
  return { engine: { inspectImage }, asked };
}

it.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['r.io/x:1', 'r.io/x:1'],
  [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
])('%s is asked for as %s', async (text, asked) => {
  const node = engineWith(asked);
  expect(await requireImage(node.engine, aCall().ctx, parseReference(text))).toEqual({ Id: 'sha256:1' });
  expect(node.asked).toEqual([asked]);
});

it('one that is not there is no answer, or a refusal of those who need it', async () => {
  const { engine } = engineWith('other');
  expect(await findImage(engine, aCall().ctx, parseReference('r.io/x:1'))).toBeUndefined();
  const needed = requireImage(engine, aCall().ctx, parseReference('r.io/x:1'));
  expect(await refusalOf(needed)).toBe('NotFound: there is no image r.io/x:1: it must be pulled first');
});

describe('an image that Docker lists, and does not find', () => {
  const row = { Id: `sha256:${'b'.repeat(64)}`, RepoTags: ['r.io/x:1'], RepoDigests: null, Size: 5 };
  const listed = () => Promise.resolve(new Map([[row.Id, toImage(row)]]));
  const engine = {
    ...engineWith('other').engine,
    removeImage: jest.fn(() => Promise.resolve()),
    listContainers: () => Promise.resolve([]),
  };
  beforeEach(() => engine.removeImage.mockClear());

  const remove = (image: string, byId = listed, isSure = false) =>
    removeImage({ engine: findingListed(engine, { byId, isSure: () => isSure }) })(
      RemoveImageRequest.fromPartial({ image: { image } }),
      aCall().ctx,
    );

  it.each([row.Id, 'r.io/x:1', `sha256:${'b'.repeat(12)}`])('is removed: %s', async (image) => {
    await remove(image);
    expect(engine.removeImage).toHaveBeenCalledWith(expect.anything(), row.Id);
  });

  it('is not one that was found before: its name may have gone, and its other names stay', async () => {
    await remove('r.io/x:1', listed, true);
    expect(engine.removeImage).not.toHaveBeenCalled();
  });

  it('is as good as gone when the list fails', async () => {
    await remove('r.io/x:1', () => Promise.reject(new Error('no list')));
    expect(engine.removeImage).not.toHaveBeenCalled();
  });

  it('is not one that is not listed either', async () => {
    await remove('r.io/x:2');
    expect(engine.removeImage).not.toHaveBeenCalled();
  });
});
