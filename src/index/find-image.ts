import type { Image } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ifFound, isNotFound, ShimError } from '../lib/errors';
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

/**
 * The engine for those who remove images. Docker 28.5 to 29.1.1 lists an image in containerd that has nothing for this
 * platform, and does not find it when asked for it alone: then it is found as the index has it.
 */
export function findingListed(engine: RemovingEngine, images: Pick<ImageIndex, 'byId'>): RemovingEngine {
  return {
    listContainers: (ctx, query) => engine.listContainers(ctx, query),
    removeImage: (ctx, reference) => engine.removeImage(ctx, reference),
    async inspectImage(ctx, reference) {
      try {
        return await engine.inspectImage(ctx, reference);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const listed = theOne(parseReference(reference), (await images.byId(ctx)).values());
        if (listed === undefined) throw error;
        const { id, repoTags, repoDigests, size } = listed;
        return { Id: id, RepoTags: repoTags, RepoDigests: repoDigests, Size: Number(size) };
      }
    },
  };
}
