import { throwIfEnded, withDetached, type CallContext } from '../lib/call-context';
import { ifFound, messageOf } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import type { Engine } from './engine';

/** How long Docker may take to stop a container beyond its grace, in milliseconds. */
const BEYOND_GRACE_MS = 120_000;

/**
 * Stops a container, as the engine does it: with no seconds of grace it is killed at once. Returns when it is dead. One
 * that is dead or gone already is as good as stopped. A caller that leaves does not shorten the grace: Docker 23.0.0 to
 * 23.0.6 and 24.0.0 to 24.0.2 kill the container as soon as nobody waits for its end, so somebody goes on waiting: for
 * the grace and two minutes, and no longer for a caller that stays.
 * @throws the context's reason as soon as that ends; ShimError DeadlineExceeded after those two minutes
 */
export async function stopIfThere(
  engine: Pick<Engine, 'stopContainer'>,
  ctx: CallContext,
  id: string,
  graceSeconds: number,
): Promise<void> {
  throwIfEnded(ctx);
  const stopping = withDetached(ctx.log, graceSeconds * 1000 + BEYOND_GRACE_MS, `stopping container ${id}`, (apart) =>
    ifFound(engine.stopContainer(apart, id, graceSeconds)),
  );
  stopping.catch((error: unknown) => {
    if (ctx.signal.aborted) ctx.log.warn('a container was not stopped', { container: id, error: messageOf(error) });
  });
  await untilEnded(ctx, stopping);
}
