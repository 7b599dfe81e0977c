import { listImages } from '../../../src/image/list';
import { PinnedImages } from '../../../src/image/pinned';
import { imageStatus } from '../../../src/image/status';
import type { NodeSandbox } from '../../../src/index/node-record';
import { toImage } from '../../../src/translate/image';
import { parseReference } from '../../../src/translate/image-reference';
import { aCall } from '../../support/a-call';
import { recordOf } from '../../support/one-sandbox';

const NEW_PAUSE = 'sha256:a';
const OLD_PAUSE = 'sha256:b';
const OTHER = 'sha256:c';
const ROWS = [NEW_PAUSE, OLD_PAUSE, OTHER].map((Id) => ({
  Id,
  RepoTags: [`${Id.slice(-1)}:1`],
  RepoDigests: null,
  Size: 1,
}));
const images = { isSure: () => true, byId: () => Promise.resolve(new Map(ROWS.map((row) => [row.Id, toImage(row)]))) };
const engine = { inspectImage: () => Promise.reject(new Error('asked')), imageHistory: () => Promise.resolve([]) };

/** What is pinned of the images in a list, and in their statuses, on a node with such pods, when all of it is known. */
async function pinnedWith(imageIds: readonly string[], known = imageIds): Promise<readonly string[][]> {
  const { ctx } = aCall();
  const ofPods = (ids: readonly string[]): NodeSandbox[] => ids.map((imageId) => ({ ...recordOf(1), imageId }));
  const pinned = new PinnedImages({
    pauseImage: { references: [parseReference('a:1')] },
    index: { sandboxes: () => Promise.resolve(ofPods(imageIds)), sandboxesNow: () => ofPods(known) },
  });
  const list = listImages({ images, pinned: (call) => pinned.whole(call) });
  const status = imageStatus({ engine, images, pinned: () => pinned.now() });
  const statuses = ROWS.map(async ({ Id: image }) => {
    const spec = { image, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
    return (await status({ image: spec, verbose: false }, ctx)).image;
  });
  const pins = [(await list({ filter: undefined }, ctx)).images, await Promise.all(statuses)];
  return pins.map((some) => some.flatMap((image) => (image?.pinned ? [image.id] : [])));
}

it('pins the image that pause containers are made from', async () => {
  expect(await pinnedWith([])).toEqual([[NEW_PAUSE], [NEW_PAUSE]]);
});

it('pins the images that pause containers run on, whatever is configured now', async () => {
  const both = [NEW_PAUSE, OLD_PAUSE];
  expect(await pinnedWith([OLD_PAUSE, NEW_PAUSE, OLD_PAUSE])).toEqual([both, both]);
});

it('pins nothing for a pod of which Docker does not say the image', async () => {
  expect(await pinnedWith([''])).toEqual([[NEW_PAUSE], [NEW_PAUSE]]);
});

it('waits in a list, and not in a status, until all pods are known', async () => {
  expect(await pinnedWith([OLD_PAUSE], [])).toEqual([[NEW_PAUSE, OLD_PAUSE], [NEW_PAUSE]]);
});
