import type { ImageStatusRequest, ImageStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { toImage, verboseInfo, withUser } from '../translate/image';
import { findImage } from './find';
import { withPin } from './pinned';
import { requestedReference } from './reference';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectImage' | 'imageHistory'>;
  /** The images that the kubelet must leave alone: references or ids. */
  readonly pinned: () => readonly string[];
}

/**
 * ImageStatus by tag, digest, id or a unique beginning of an id. A missing image is an answer without an image, not an
 * error: so the kubelet learns that it has to pull.
 * @throws ShimError InvalidArgument for a missing or malformed reference
 */
export function imageStatus(
  needs: StatusNeeds,
): (request: ImageStatusRequest, ctx: CallContext) => Promise<ImageStatusResponse> {
  return async (request, ctx) => {
    const found = await findImage(needs.engine, ctx, requestedReference(request.image));
    if (found === undefined) return { image: undefined, info: {} };
    const image = withPin(withUser(toImage(found), found.Config?.User ?? ''), needs.pinned());
    if (!request.verbose) return { image, info: {} };
    try {
      return { image, info: verboseInfo(found, await needs.engine.imageHistory(ctx, found.Id)) };
    } catch (error) {
      if (isNotFound(error)) return { image: undefined, info: {} };
      throw error;
    }
  };
}
