import type { Image, ImageStatusRequest, ImageStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { findImage } from '../index/find-image';
import type { ImageIndex } from '../index/image-index';
import type { CallContext } from '../lib/call-context';
import { ifFound } from '../lib/errors';
import { toImage, verboseInfo, withUser } from '../translate/image';
import { refersTo, requestedReference, type ImageReference } from '../translate/image-reference';
import { withPin } from './pinned';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectImage' | 'imageHistory'>;
  readonly images: Pick<ImageIndex, 'byId'>;
  /** The images that the kubelet must leave alone. */
  readonly pinned: () => readonly ImageReference[];
}

/**
 * ImageStatus by tag, digest, id or a unique beginning of an id. A missing image is an answer without an image, not an
 * error: so the kubelet learns that it has to pull. With `verbose`, Docker is asked.
 * @throws ShimError InvalidArgument for a missing or malformed reference
 */
export function imageStatus(needs: StatusNeeds) {
  return async (request: ImageStatusRequest, ctx: CallContext): Promise<ImageStatusResponse> => {
    const reference = requestedReference(request.image);
    if (!request.verbose) {
      const known = theOne(reference, [...(await needs.images.byId(ctx)).values()]);
      if (known !== undefined) return { image: withPin(known, needs.pinned()), info: {} };
    }
    return await askDocker(needs, ctx, reference, request.verbose);
  };
}

/** An image by its name before one by the beginning of its id; none when several ids begin so. */
function theOne(reference: ImageReference, images: readonly Image[]): Image | undefined {
  const byName = reference.kind === 'name' ? { ...reference, shortId: undefined } : reference;
  const [first, ...others] = images.filter((image) => refersTo(byName, image));
  return others.length === 0 ? first : undefined;
}

/** For details, and for what Docker's list leaves out: the intermediate images of a build. */
async function askDocker(
  needs: StatusNeeds,
  ctx: CallContext,
  reference: ImageReference,
  verbose: boolean,
): Promise<ImageStatusResponse> {
  const found = await findImage(needs.engine, ctx, reference);
  if (found === undefined) return { image: undefined, info: {} };
  const image = withPin(withUser(toImage(found), found.Config?.User ?? ''), needs.pinned());
  if (!verbose) return { image, info: {} };
  const history = await ifFound(needs.engine.imageHistory(ctx, found.Id));
  return history === undefined ? { image: undefined, info: {} } : { image, info: verboseInfo(found, history) };
}
