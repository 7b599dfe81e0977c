import type { RemoveContainerRequest, RemoveContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { killIfThere } from '../docker/kill-container';
import { removeUntilGone } from '../docker/remove-container';
import { findContainerIfAny } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import { whileDoing } from '../lib/errors';
import type { ContainerLogs } from '../logs/container-logs';
import { LOG_PATH_LABEL } from '../translate/labels';

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'stopContainer' | 'removeContainer'>;
  readonly logs: Pick<ContainerLogs, 'drained' | 'remove'>;
}

/** RemoveContainer: kills it if it runs, and removes it when its last words are in its log. Succeeds when it is gone already. */
export function removeContainer(needs: RemoveNeeds) {
  return async (request: RemoveContainerRequest, ctx: CallContext): Promise<RemoveContainerResponse> => {
    const container = await findContainerIfAny(needs.engine, ctx, request.containerId);
    if (container === undefined) return {};
    const { Id: id } = container;
    try {
      if (container.State.Running) await killIfThere(needs.engine, ctx, id);
      await needs.logs.drained(id, ctx);
      await removeUntilGone(needs.engine, ctx, id);
    } catch (error) {
      throw whileDoing(`remove container ${id}`, error);
    }
    await needs.logs.remove(container.Config.Labels?.[LOG_PATH_LABEL] ?? '', id);
    return {};
  };
}
