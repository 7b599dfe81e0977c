import type { ImageVerbs } from '../../cri/verbs';
import { imageFsInfo } from '../../image/fs-info';
import { listImages } from '../../image/list';
import { PinnedImages } from '../../image/pinned';
import { removeImage } from '../../image/remove';
import { imageStatus } from '../../image/status';
import { findingListed } from '../../index/find-image';
import { HOST_CLOCK } from '../../lib/clock';
import type { Parts } from '../parts/build';

/** The verbs of the ImageService. */
export function imageVerbs({ engine, images, index, pull, pauseImage, store }: Parts): ImageVerbs {
  const pinned = new PinnedImages({ pauseImage, index });
  return {
    pullImage: pull,
    listImages: listImages({ images, pinned: (ctx) => pinned.whole(ctx) }),
    imageStatus: imageStatus({ engine, images, pinned: () => pinned.now() }),
    removeImage: removeImage({ engine: findingListed(engine, images) }),
    imageFsInfo: imageFsInfo({ engine, images, store, clock: HOST_CLOCK }),
  };
}
