import type { Image } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { ifFound, isNotFound, messageOf, ShimError } from '../lib/errors';
import { lookupText, parseReference, refersTo, type ImageReference } from '../translate/image-reference';
import type { ImageIndex } from './image-index';

/** The image that a reference leads to now, or undefined when there is none, or when a short id is not unique. */
export function findImage(
  engine: Pick<Engine, 'inspectImage'>,
  ctx: CallContext,
  reference: ImageReference,
): Promise<ImageInspect | undefined> {
  return ifFound(engine.inspectImage(ctx, lookupText(reference)));
}

/** The image that a container is to have: by then, the client has pulled it. @throws ShimError NotFound */
export async function requireImage(
  engine: Pick<Engine, 'inspectImage'>,
  ctx: CallContext,
  reference: ImageReference,
): Promise<ImageInspect> {
  const image = await findImage(engine, ctx, reference);
  if (image !== undefined) return image;
  throw new ShimError('NotFound', `there is no image ${lookupText(reference)}: it must be pulled first`);
}

/** An image by its name before one by the beginning of its id; none when several ids begin so. */
export function theOne(reference: ImageReference, images: Iterable<Image>): Image | undefined {
  const byName = reference.kind === 'name' ? { ...reference, shortId: undefined } : reference;
  const [first, ...others] = [...images].filter((image) => refersTo(byName, image));
  return others.length === 0 ? first : undefined;
}

type RemovingEngine = Pick<Engine, 'inspectImage' | 'removeImage' | 'listContainers'>;
type Listed = Pick<ImageIndex, 'byId' | 'isSure'>;

/** How long all images may take to be known, in milliseconds: one is sooner asked for. */
const LIST_PATIENCE_MS = 2_000;

/**
 * The engine for those who remove images. Docker 28.5 to 29.1.1 lists an image in containerd that has nothing for this
 * platform, and does not find it when asked for it alone: then it is found as the index has it. One that was found before
 * has gone: what the index has of it is no longer true, and its id may have other names by now.
 */
export function findingListed(engine: RemovingEngine, images: Listed): RemovingEngine {
  return {
    listContainers: (ctx, query) => engine.listContainers(ctx, query),
    removeImage: (ctx, reference) => engine.removeImage(ctx, reference),
    async inspectImage(ctx, reference) {
      try {
        return await engine.inspectImage(ctx, reference);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const listed = await findInList(images, ctx, parseReference(reference));
        if (listed === undefined || images.isSure(listed.id)) throw error;
        const { id, repoTags, repoDigests, size } = listed;
        return { Id: id, RepoTags: repoTags, RepoDigests: repoDigests, Size: Number(size) };
      }
    },
  };
}

/** The image as the index has it. Undefined also where Docker can't list its images, or is slow to. */
export async function findInList(
  images: Pick<ImageIndex, 'byId'>,
  ctx: CallContext,
  reference: ImageReference,
): Promise<Image | undefined> {
  try {
    const all = await withLimit(ctx, LIST_PATIENCE_MS, 'listing the images', (patient) => images.byId(patient));
    return theOne(reference, all.values());
  } catch (error) {
    throwIfEnded(ctx);
    ctx.log.debug('the images cannot be listed', { error: messageOf(error) });
    return undefined;
  }
}
