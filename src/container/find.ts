import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { isNotFound, ShimError } from '../lib/errors';
import { checkId } from '../translate/checks';
import { kindOfContainer } from '../translate/labels';

/**
 * The container with this id, or with the one id that begins so.
 * @throws ShimError NotFound also when the id is of a sandbox or of somebody else's container.
 */
export async function findContainer(
  engine: Pick<Engine, 'inspectContainer'>,
  ctx: CallContext,
  id: string,
): Promise<ContainerInspect> {
  checkId('container_id', id);
  const found = await engine.inspectContainer(ctx, id).catch((error: unknown) => {
    throw isNotFound(error) ? missing(id) : error;
  });
  // Docker also takes names, and a name may look like an id.
  if (kindOfContainer(found.Config.Labels) !== 'container' || !found.Id.startsWith(id)) throw missing(id);
  return found;
}

/** The same, for the verbs that succeed on what is gone. */
export async function findContainerIfAny(
  engine: Pick<Engine, 'inspectContainer'>,
  ctx: CallContext,
  id: string,
): Promise<ContainerInspect | undefined> {
  try {
    return await findContainer(engine, ctx, id);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** @throws ShimError FailedPrecondition for a container in which nothing runs just now */
export function checkRuns({ Id: id, State: state }: ContainerInspect): void {
  if (state.Running && !state.Paused) return;
  throw new ShimError('FailedPrecondition', `container ${id} does not run: it is ${state.Status}`);
}

function missing(id: string): ShimError {
  return new ShimError('NotFound', `there is no container with the id ${id}`);
}
