import { toImage } from '../../../src/translate/image';
import { listImages } from '../../../src/image/list';
import { parseReference } from '../../../src/translate/image-reference';
import { aCall } from '../../support/a-call';

function image(name: string) {
  return toImage({ Id: `sha256:${name}`, RepoTags: [`${name}:1`], RepoDigests: null, Size: 1 });
}

const images = { byId: () => Promise.resolve(new Map(['a', 'b'].map((name) => [`sha256:${name}`, image(name)]))) };

it.each(['a:1', 'docker.io/library/a:1', 'sha256:a'])('pins by any way to write a name, and by id: %s', async (pin) => {
  const list = listImages({ images, pinned: () => [parseReference(pin)] });
  const answer = await list({ filter: undefined }, aCall().ctx);
  expect(answer.images.map(({ pinned }) => pinned)).toEqual([true, false]);
});
