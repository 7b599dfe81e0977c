import type { Image } from '../../generated/runtime/v1/api';
import { refersTo, type ImageReference } from '../translate/image-reference';

/**
 * The image with its `pinned` set when one of the references leads to it. Tags move with every pull, so it is the image
 * that carries the name now that is pinned, by all its names.
 */
export function withPin(image: Image, pinned: readonly ImageReference[]): Image {
  return { ...image, pinned: pinned.some((reference) => refersTo(reference, image)) };
}
