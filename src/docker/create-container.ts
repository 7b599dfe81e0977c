import { withDetached, type CallContext } from '../lib/call-context';
import type { Engine } from './engine';
import { DockerAnswer } from './errors';
import type { ContainerCreate } from './types';

const CREATE_TIMEOUT_MS = 120_000;

/**
 * Creates a container and answers its id. Once sent, the create is waited for, also when the caller has left: only then
 * is it known what to undo.
 */
export function createToTheEnd(
  engine: Pick<Engine, 'createContainer'>,
  ctx: CallContext,
  name: string,
  body: ContainerCreate,
): Promise<string> {
  return withDetached(ctx.log, CREATE_TIMEOUT_MS, `creating ${name}`, (fresh) =>
    engine.createContainer(fresh, name, body),
  );
}

/** Whether a failed create may have made the container all the same: the engine's answer never came. */
export function mayHaveCreated(error: unknown): boolean {
  return !(error instanceof DockerAnswer);
}
