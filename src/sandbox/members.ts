import type { Engine } from '../docker/engine';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { SANDBOX_ID_LABEL } from '../translate/labels';

/** The containers of a pod, running or not, without its pause container. */
export async function membersOf(
  engine: Pick<Engine, 'listContainers'>,
  ctx: CallContext,
  sandboxId: string,
): Promise<ContainerSummary[]> {
  return await engine.listContainers(ctx, { labels: [`${SANDBOX_ID_LABEL}=${sandboxId}`] });
}

/** Does all of the work side by side to its end, and then throws the first failure, if there was one. */
export async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
