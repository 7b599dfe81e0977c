import type { Engine } from '../../docker/engine';
import type { CallContext } from '../../lib/call-context';
import { TYPE_LABEL } from '../../translate/labels';
import { inTime } from './in-time';

/**
 * The ids of the sandboxes that Docker has, running or not.
 * @throws ShimError DeadlineExceeded when Docker does not answer within half a minute
 */
export async function listSandboxes(engine: Pick<Engine, 'listContainers'>, ctx: CallContext): Promise<string[]> {
  const rows = await inTime(ctx, 'listing the pod sandboxes', (bounded) =>
    engine.listContainers(bounded, { labels: [`${TYPE_LABEL}=podsandbox`] }),
  );
  return rows.map((row) => row.Id);
}
