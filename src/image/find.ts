import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { lookupText, type ImageReference } from './reference';

/** The image that a reference leads to now, or undefined when there is none, or when a short id is not unique. */
export async function findImage(
  engine: Pick<Engine, 'inspectImage'>,
  ctx: CallContext,
  reference: ImageReference,
): Promise<ImageInspect | undefined> {
  try {
    return await engine.inspectImage(ctx, lookupText(reference));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
