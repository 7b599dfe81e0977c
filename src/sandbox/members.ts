import type { Engine } from '../docker/engine';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { SANDBOX_ID_LABEL, TYPE_LABEL } from '../translate/labels';

/** The containers of a pod, running or not, without its pause container. */
export async function membersOf(
  engine: Pick<Engine, 'listContainers'>,
  ctx: CallContext,
  sandboxId: string,
): Promise<ContainerSummary[]> {
  return await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=container`, `${SANDBOX_ID_LABEL}=${sandboxId}`] });
}
