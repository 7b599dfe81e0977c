import type { RemoveImageRequest, RemoveImageResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { isNotFound, kindOf, whileDoing } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';
import { namesOf } from '../translate/image';
import { findImage } from './find';
import { requestedReference } from './reference';

type RemovingEngine = Pick<Engine, 'inspectImage' | 'removeImage' | 'listContainers'>;

/**
 * RemoveImage: the image that any reference leads to, with all its names. It succeeds when there is none, and for every
 * one of several calls at once.
 * @throws ShimError FailedPrecondition, in Docker's words, when a container uses the image; then it keeps its names
 */
export function removeImage(needs: {
  readonly engine: RemovingEngine;
}): (request: RemoveImageRequest, ctx: CallContext) => Promise<RemoveImageResponse> {
  const removals = new SingleFlight<void>();
  return async (request, ctx) => {
    const image = await findImage(needs.engine, ctx, requestedReference(request.image));
    if (image !== undefined) {
      await removals.run(ctx, image.Id, (shared) => removeWhole(needs.engine, shared, image));
    }
    return {};
  };
}

/** Docker removes an image by its id with all its names in one repository, but refuses when there are several. */
async function removeWhole(engine: RemovingEngine, ctx: CallContext, image: ImageInspect): Promise<void> {
  try {
    await removeIfThere(engine, ctx, image.Id);
  } catch (error) {
    const names = namesOf(image);
    if (kindOf(error) !== 'FailedPrecondition' || names.length < 2 || (await isInUse(engine, ctx, image.Id))) {
      throw whileDoing(`cannot remove image ${names[0] ?? image.Id}`, error);
    }
    for (const name of names) await removeIfThere(engine, ctx, name);
    await removeIfThere(engine, ctx, image.Id);
  }
  ctx.log.info('removed an image', { image: image.Id });
}

async function removeIfThere(engine: RemovingEngine, ctx: CallContext, reference: string): Promise<void> {
  try {
    await engine.removeImage(ctx, reference, { force: false });
  } catch (error) {
    // The last tag of a repository takes the digests there along, and somebody else may remove it too.
    if (!isNotFound(error)) throw error;
  }
}

async function isInUse(engine: RemovingEngine, ctx: CallContext, id: string): Promise<boolean> {
  const containers = await engine.listContainers(ctx, { labels: [] });
  return containers.some((container) => container.ImageID === id);
}
