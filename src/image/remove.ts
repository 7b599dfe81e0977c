import type { RemoveImageRequest, RemoveImageResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ContainerSummary, ImageInspect } from '../docker/types';
import { findImage } from '../index/find-image';
import type { CallContext } from '../lib/call-context';
import { ifFound, isNotFound, kindOf, ShimError, whileDoing } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';
import { namesOf } from '../translate/image';
import { requestedReference } from '../translate/image-reference';

type RemovingEngine = Pick<Engine, 'inspectImage' | 'removeImage' | 'listContainers'>;

/** An image that gets new names meanwhile is in demand: after so many looks at its names it is left alone. */
const MOST_LOOKS = 3;

/**
 * RemoveImage: the image that any reference leads to, with all its names. It succeeds when there is none, and for every
 * one of several calls at once.
 * @throws ShimError FailedPrecondition when a container is of the image or has it mounted; then it keeps its names
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
 *
 * Asked for an id, it looks only at what containers are of, not at what they have mounted (moby's `ImageDelete`, 28 and
 * 29): that has to be known before.
 */
async function removeWhole(engine: RemovingEngine, ctx: CallContext, image: ImageInspect): Promise<void> {
  const use = await useOf(engine, ctx, image.Id);
  if (use !== undefined) throw new ShimError('FailedPrecondition', use);
  let known = namesOf(image).length;
  for (let looks = 1; ; looks += 1) {
    try {
      await removeIfThere(engine, ctx, image.Id);
      break;
    } catch (error) {
      if (kindOf(error) !== 'FailedPrecondition' || looks > MOST_LOOKS) throw error;
      // Somebody may use it by now.
      if ((await useOf(engine, ctx, image.Id)) !== undefined) throw error;
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

/**
 * Which container is of the image, or has it mounted: under the reference that its creator gave, which may be any.
 * Undefined when none does.
 */
async function useOf(engine: RemovingEngine, ctx: CallContext, id: string): Promise<string | undefined> {
  const containers = await engine.listContainers(ctx, { labels: [] });
  const user = containers.find((container) => container.ImageID === id);
  if (user !== undefined) return `container ${nameOf(user)} is of it, and has to be removed first`;
  const known = new Map([[id, true]]);
  for (const container of containers) {
    for (const { Type: type, Name: name = '' } of container.Mounts ?? []) {
      if (type !== 'image' || name === '') continue;
      const leadsToIt = known.get(name) ?? (await ifFound(engine.inspectImage(ctx, name)))?.Id === id;
      known.set(name, leadsToIt);
      if (leadsToIt) return `container ${nameOf(container)} has it mounted, and has to be removed first`;
    }
  }
  return undefined;
}

function nameOf({ Id: id, Names: names }: ContainerSummary): string {
  return names?.[0]?.replace(/^\//, '') ?? id;
}
