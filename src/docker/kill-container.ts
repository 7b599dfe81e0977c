import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import type { Engine } from './engine';

/** Kills a container and returns when it is dead. One that is dead or gone already is as good as killed. */
export async function killIfThere(engine: Pick<Engine, 'stopContainer'>, ctx: CallContext, id: string): Promise<void> {
  try {
    await engine.stopContainer(ctx, id, 0);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
