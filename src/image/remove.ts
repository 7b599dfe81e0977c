import type { RemoveImageRequest, RemoveImageResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import { findImage } from '../index/find-image';
import type { CallContext } from '../lib/call-context';
import { ifFound, isNotFound, kindOf, whileDoing } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';
import { namesOf } from '../translate/image';
import { requestedReference } from '../translate/image-reference';

type RemovingEngine = Pick<Engine, 'inspectImage' | 'removeImage' | 'listContainers'>;

/** An image that gets new names meanwhile is in demand: after so many looks at its names it is left alone. */
const MOST_LOOKS = 3;

/**
 * RemoveImage: the image that any reference leads to, with all its names. It succeeds when there is none, and for every
 * one of several calls at once.
 * @throws ShimError FailedPrecondition, in Docker's words, when a container is of the image or has it mounted; then it
 *   keeps its names
 */
export function removeImage(needs: {
  readonly engine: RemovingEngine;
}): (request: RemoveImageRequest, ctx: CallContext) => Promise<RemoveImageResponse> {
  const removals = new SingleFlight<void>();
  return async (request, ctx) => {
    const image = await findImage(needs.engine, ctx, requestedReference(request.image));
    if (image !== undefined) {
      await removals.run(ctx, image.Id, async (shared) => {
        try {
          await removeWhole(needs.engine, shared, image);
        } catch (error) {
          throw whileDoing(`cannot remove image ${namesOf(image)[0] ?? image.Id}`, error);
        }
      });
    }
    return {};
  };
}

/**
 * Docker removes an image by its id with all its names in one repository, but refuses when there are several. Then its
 * names go first, one by one; those that a pull or a tag gives it meanwhile are seen at the next look.
 */
async function removeWhole(engine: RemovingEngine, ctx: CallContext, image: ImageInspect): Promise<void> {
  let known = namesOf(image).length;
  for (let looks = 1; ; looks += 1) {
    try {
      await removeIfThere(engine, ctx, image.Id);
      break;
    } catch (error) {
      if (kindOf(error) !== 'FailedPrecondition' || looks > MOST_LOOKS) throw error;
      if (await isInUse(engine, ctx, image.Id)) throw error;
      const seen = await removeNames(engine, ctx, image.Id);
      // It did not have several names at any look: that is not why Docker refuses.
      if (known < 2 && seen !== undefined && seen < 2) throw error;
      known = seen ?? 0;
    }
  }
  ctx.log.info('removed an image', { image: image.Id });
}

/** Removes the names that the image has now, if there are several. Answers how many there were, if it is there. */
async function removeNames(engine: RemovingEngine, ctx: CallContext, id: string): Promise<number | undefined> {
  const image = await ifFound(engine.inspectImage(ctx, id));
  if (image === undefined) return undefined;
  const names = namesOf(image);
  if (names.length < 2) return names.length;
  for (const name of names) {
    // A name that leads to another image by now has been moved there by a pull, and stays.
    const named = await ifFound(engine.inspectImage(ctx, name));
    if (named?.Id === id) await removeIfThere(engine, ctx, name);
  }
  return names.length;
}

async function removeIfThere(engine: RemovingEngine, ctx: CallContext, reference: string): Promise<void> {
  try {
    await engine.removeImage(ctx, reference);
  } catch (error) {
    // The last tag of a repository takes the digests there along, and somebody else may remove it too.
    if (!isNotFound(error)) throw error;
  }
}

/** A container is of the image, or has it mounted: under the reference that its creator gave, which may be any. */
async function isInUse(engine: RemovingEngine, ctx: CallContext, id: string): Promise<boolean> {
  const containers = await engine.listContainers(ctx, { labels: [] });
  if (containers.some((container) => container.ImageID === id)) return true;
  const mounts = containers.flatMap(({ Mounts: points }) => points ?? []).filter(({ Type: type }) => type === 'image');
  for (const name of new Set(mounts.map((mount) => mount.Name ?? ''))) {
    if (name === id || (name !== '' && (await ifFound(engine.inspectImage(ctx, name)))?.Id === id)) return true;
  }
  return false;
}
