import type { RemoveContainerRequest, RemoveContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { removeUntilGone } from '../docker/remove-container';
import type { CallContext } from '../lib/call-context';
import { whileDoing } from '../lib/errors';
import { LOG_PATH_LABEL } from '../translate/labels';
import { findContainerIfAny } from '../index/find-container';

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer'>;
  readonly unlinkLog: (logPath: string, containerId: string) => Promise<void>;
}

/** RemoveContainer: kills it if it runs, and removes it with its log. Succeeds when it is gone already. */
export function removeContainer(needs: RemoveNeeds) {
  return async (request: RemoveContainerRequest, ctx: CallContext): Promise<RemoveContainerResponse> => {
    const container = await findContainerIfAny(needs.engine, ctx, request.containerId);
    if (container === undefined) return {};
    try {
      await removeUntilGone(needs.engine, ctx, container.Id);
    } catch (error) {
      throw whileDoing(`remove container ${container.Id}`, error);
    }
    const logPath = container.Config.Labels?.[LOG_PATH_LABEL] ?? '';
    if (logPath !== '') await needs.unlinkLog(logPath, container.Id);
    return {};
  };
}
