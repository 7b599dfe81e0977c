import type { CallContext } from '../lib/call-context';
import { isNotFound, ShimError } from '../lib/errors';
import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import { checkId } from '../translate/checks';
import { kindOfContainer } from '../translate/labels';

/**
 * The sandbox with this id, or with the one id that begins so.
 * @throws ShimError NotFound also when the id is of a container that is no sandbox.
 */
export async function findSandbox(
  engine: Pick<Engine, 'inspectContainer'>,
  ctx: CallContext,
  id: string,
): Promise<ContainerInspect> {
  checkId('pod_sandbox_id', id);
  const found = await engine.inspectContainer(ctx, id).catch((error: unknown) => {
    throw isNotFound(error) ? missing(id) : error;
  });
  // Docker also takes names, and a name may look like an id.
  if (kindOfContainer(found.Config.Labels) !== 'podsandbox' || !found.Id.startsWith(id)) throw missing(id);
  return found;
}

/** The same, for the verbs that succeed on what is gone. */
export async function findSandboxIfAny(
  engine: Pick<Engine, 'inspectContainer'>,
  ctx: CallContext,
  id: string,
): Promise<ContainerInspect | undefined> {
  try {
    return await findSandbox(engine, ctx, id);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The key under which work on a pod is serialised: its pause container's name. */
export function podKey(sandbox: ContainerInspect): string {
  return sandbox.Name.replace(/^\//, '');
}

function missing(id: string): ShimError {
  return new ShimError('NotFound', `there is no pod sandbox with the id ${id}`);
}
