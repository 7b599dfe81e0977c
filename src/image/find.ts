import type { Engine } from '../docker/engine';
import type { ImageInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ifFound } from '../lib/errors';
import { lookupText, type ImageReference } from './reference';

/** The image that a reference leads to now, or undefined when there is none, or when a short id is not unique. */
export function findImage(
  engine: Pick<Engine, 'inspectImage'>,
  ctx: CallContext,
  reference: ImageReference,
): Promise<ImageInspect | undefined> {
  return ifFound(engine.inspectImage(ctx, lookupText(reference)));
}
