import type { ImageVerbs } from '../../cri/verbs';
import { imageFsInfo } from '../../image/fs-info';
import { listImages } from '../../image/list';
import { removeImage } from '../../image/remove';
import { imageStatus } from '../../image/status';
import { findingListed } from '../../index/find-image';
import { HOST_CLOCK } from '../../lib/clock';
import type { Parts } from '../parts/build';

/** The verbs of the ImageService. */
export function imageVerbs({ engine, images, pull, pauseImage, store }: Parts): ImageVerbs {
  const pinned = () => pauseImage.references;
  return {
    pullImage: pull,
    listImages: listImages({ images, pinned }),
    imageStatus: imageStatus({ engine, images, pinned }),
    removeImage: removeImage({ engine: findingListed(engine, images) }),
    imageFsInfo: imageFsInfo({ engine, images, store, clock: HOST_CLOCK }),
  };
}
