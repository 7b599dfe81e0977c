import type { RemoveContainerRequest, RemoveContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import { stopIfThere } from '../docker/stop-container';
import type { ContainerIndex } from '../index/container-index';
import { hasEnded } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { ifFound, whileDoing } from '../lib/errors';
import type { ContainerLogs } from '../logs/container-logs';

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'stopContainer' | 'removeContainer'>;
  readonly index: Pick<ContainerIndex, 'container'>;
  readonly logs: Pick<ContainerLogs, 'drained' | 'remove'>;
}

/** RemoveContainer: kills it if it runs, and removes it when its last words are in its log. Succeeds when it is gone already. */
export function removeContainer(needs: RemoveNeeds) {
  return async (request: RemoveContainerRequest, ctx: CallContext): Promise<RemoveContainerResponse> => {
    const container = await ifFound(needs.index.container(ctx, request.containerId));
    if (container === undefined) return {};
    const { id, status } = container;
    try {
      if (!hasEnded(container)) await stopIfThere(needs.engine, ctx, id, 0);
      await needs.logs.drained(id, ctx);
      await removeUntilGone(needs.engine, ctx, id);
    } catch (error) {
      throw whileDoing(`remove container ${id}`, error);
    }
    await needs.logs.remove(status.logPath, id);
    return {};
  };
}
