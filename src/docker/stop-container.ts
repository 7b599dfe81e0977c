import type { CallContext } from '../lib/call-context';
import { ifFound } from '../lib/errors';
import type { Engine } from './engine';

/**
 * Stops a container, as the engine does it: with no seconds of grace it is killed at once. Returns when it is dead. One
 * that is dead or gone already is as good as stopped.
 */
export async function stopIfThere(
  engine: Pick<Engine, 'stopContainer'>,
  ctx: CallContext,
  id: string,
  graceSeconds: number,
): Promise<void> {
  await ifFound(engine.stopContainer(ctx, id, graceSeconds));
}
