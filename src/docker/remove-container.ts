import { pause, type CallContext } from '../lib/call-context';
import { ifFound, isNotFound, messageOf } from '../lib/errors';
import type { Engine } from './engine';

/** Between two looks whether somebody else's removal is done, in milliseconds. */
const LOOK_AGAIN_MS = 50;

/**
 * Removes a container, running or not, and returns when it is gone. One that is gone already is as good as removed; one
 * that another call is removing just now, which Docker refuses to do twice, is waited for.
 */
export async function removeUntilGone(
  engine: Pick<Engine, 'inspectContainer' | 'removeContainer'>,
  ctx: CallContext,
  id: string,
): Promise<void> {
  try {
    await engine.removeContainer(ctx, id, { force: true });
  } catch (error) {
    if (isNotFound(error)) return;
    if (!/removal of container \S+ is already in progress/.test(messageOf(error))) throw error;
    while (await isThere(engine, ctx, id)) await pause(ctx, LOOK_AGAIN_MS);
  }
}

async function isThere(engine: Pick<Engine, 'inspectContainer'>, ctx: CallContext, id: string): Promise<boolean> {
  return (await ifFound(engine.inspectContainer(ctx, id))) !== undefined;
}
