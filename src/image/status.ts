import type { ImageStatusRequest, ImageStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { findImage, findInList } from '../index/find-image';
import type { ImageIndex } from '../index/image-index';
import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { ifFound, messageOf, ShimError } from '../lib/errors';
import { toImage, verboseInfo, withUser } from '../translate/image';
import { requestedReference, type ImageReference } from '../translate/image-reference';
import { withPin } from './pinned';

/** How long Docker may take to tell of an image that it could not tell of before, in milliseconds. */
const UNSURE_PATIENCE_MS = 10_000;

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectImage' | 'imageHistory'>;
  readonly images: Pick<ImageIndex, 'byId' | 'isSure'>;
  /** The images that the kubelet must leave alone. */
  readonly pinned: () => readonly ImageReference[];
}

/**
 * ImageStatus by tag, digest, id or a unique beginning of an id. A missing image is an answer without an image, not an
 * error: so the kubelet learns that it has to pull. With `verbose`, Docker is asked; so it is while the images can't be
 * listed, and for an image that it could not tell of.
 * @throws ShimError InvalidArgument for a missing or malformed reference; Unavailable when Docker can't tell the user of
 *   an image: the kubelet takes none for root
 */
export function imageStatus(needs: StatusNeeds) {
  return async (request: ImageStatusRequest, ctx: CallContext): Promise<ImageStatusResponse> => {
    const reference = requestedReference(request.image);
    if (request.verbose) return await askDocker(needs, ctx, reference, true);
    const known = await findInList(needs.images, ctx, reference);
    if (known === undefined) return await askDocker(needs, ctx, reference, false);
    if (!needs.images.isSure(known.id)) return await askAgain(needs, ctx, reference);
    return { image: withPin(known, needs.pinned()), info: {} };
  };
}

/** Docker lists the image, but could not tell of it: one that it doesn't find has nothing for this platform. */
async function askAgain(needs: StatusNeeds, ctx: CallContext, reference: ImageReference): Promise<ImageStatusResponse> {
  try {
    return await withLimit(ctx, UNSURE_PATIENCE_MS, 'the inspect of the image', (patient) =>
      askDocker(needs, patient, reference, false),
    );
  } catch (error) {
    throwIfEnded(ctx);
    const what = `docker lists the image, but cannot tell which user it runs as: ${messageOf(error)}`;
    throw new ShimError('Unavailable', what, error);
  }
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
