import type { Config } from '../../config/config';
import type { Engine } from '../../docker/engine';
import { pullImage, type PullNeeds } from '../../image/pull';
import { PauseImage } from '../../sandbox/pause/pause-image';

/** What brings images to the node, for clients and for the pause containers. */
export function imageParts(
  current: () => Config,
  engine: Engine,
  images: PullNeeds['images'],
  facts: PullNeeds['facts'],
) {
  const pull = pullImage({
    engine,
    images,
    facts,
    get pullProgressDeadlineMs() {
      return current().pullProgressDeadlineMs;
    },
  });
  const pauseImage = new PauseImage({
    engine,
    configured: current().pauseImage,
    pull: (ctx, image) => pull({ image: imageSpec(image), auth: undefined, sandboxConfig: undefined }, ctx),
  });
  return { pull, pauseImage };
}

function imageSpec(image: string) {
  return { image, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
}
