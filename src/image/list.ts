import type { Image, ListImagesRequest, ListImagesResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { isNotFound, kindOf, messageOf } from '../lib/errors';
import { toImage, withUser } from '../translate/image';
import { ImageConfigCache } from './config-cache';
import { withPin } from './pinned';
import { parseReference, refersTo } from './reference';

export interface ListNeeds {
  readonly engine: Pick<Engine, 'listImages' | 'inspectImage'>;
  /** The images that the kubelet must leave alone: references or ids. */
  readonly pinned: () => readonly string[];
}

/**
 * ListImages: every image but the intermediate ones of a build, those without a name too; with a filter, the one that
 * the reference leads to, if any. The first list asks Docker for each image's user, one after the other; later ones
 * know them.
 * @throws ShimError InvalidArgument for a malformed filter
 */
export function listImages(
  needs: ListNeeds,
): (request: ListImagesRequest, ctx: CallContext) => Promise<ListImagesResponse> {
  const configs = new ImageConfigCache(needs.engine);
  return async (request, ctx) => {
    const wanted = request.filter?.image?.image ?? '';
    const reference = wanted === '' ? undefined : parseReference(wanted);
    const present = (await needs.engine.listImages(ctx)).map(toImage);
    const matching = reference === undefined ? present : present.filter((image) => refersTo(reference, image));
    const images: Image[] = [];
    for (const image of matching) {
      const whole = await complete(configs, ctx, image);
      if (whole !== undefined) images.push(withPin(whole, needs.pinned()));
    }
    return { images };
  };
}

/**
 * Undefined when the image was removed since Docker listed it. One that Docker can't inspect is listed without its user:
 * a single broken image must not stop the kubelet's garbage collection.
 */
async function complete(configs: ImageConfigCache, ctx: CallContext, image: Image): Promise<Image | undefined> {
  try {
    return withUser(image, await configs.userOf(ctx, image.id));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (kindOf(error) !== 'Internal') throw error;
    ctx.log.warn('docker could not inspect an image', { image: image.id, error: messageOf(error) });
    return image;
  }
}
