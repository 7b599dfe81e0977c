import type { ListImagesRequest, ListImagesResponse } from '../../generated/runtime/v1/api';
import type { ImageIndex } from '../index/image-index';
import type { CallContext } from '../lib/call-context';
import { parseReference, refersTo, type ImageReference } from '../translate/image-reference';
import { withPin } from './pinned';

export interface ListNeeds {
  readonly images: Pick<ImageIndex, 'byId'>;
  /** The images that the kubelet must leave alone. */
  readonly pinned: (ctx: CallContext) => readonly ImageReference[] | Promise<readonly ImageReference[]>;
}

/**
 * ListImages: every image but the intermediate ones of a build, those without a name too; with a filter, the one that
 * the reference leads to, if any.
 * @throws ShimError InvalidArgument for a malformed filter
 */
export function listImages(needs: ListNeeds) {
  return async (request: ListImagesRequest, ctx: CallContext): Promise<ListImagesResponse> => {
    const wanted = request.filter?.image?.image ?? '';
    const reference = wanted === '' ? undefined : parseReference(wanted);
    const [byId, pinned] = await Promise.all([needs.images.byId(ctx), needs.pinned(ctx)]);
    const present = [...byId.values()];
    const matching = reference === undefined ? present : present.filter((image) => refersTo(reference, image));
    return { images: matching.map((image) => withPin(image, pinned)) };
  };
}
