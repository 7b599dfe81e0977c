import type { Image } from '../../generated/runtime/v1/api';
import { parseReference, refersTo } from '../translate/image-reference';

/**
 * The image with its `pinned` set when one of the references (well-formed names or ids) leads to it. Tags move with
 * every pull, so it is the image that carries the name now that is pinned, by all its names.
 */
export function withPin(image: Image, pinned: readonly string[]): Image {
  return { ...image, pinned: pinned.some((text) => refersTo(parseReference(text), image)) };
}
