import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ifFound, ShimError } from '../lib/errors';
import { lookupText, type ImageReference } from '../translate/image-reference';

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
