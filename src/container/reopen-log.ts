import type { ReopenContainerLogRequest, ReopenContainerLogResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { findContainer } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import type { ContainerLogs } from '../logs/container-logs';

export interface ReopenLogNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly logs: Pick<ContainerLogs, 'reopen'>;
}

/** ReopenContainerLog, after a kubelet has renamed the log: returns when the new one is there and written to. */
export function reopenContainerLog(needs: ReopenLogNeeds) {
  return async (request: ReopenContainerLogRequest, ctx: CallContext): Promise<ReopenContainerLogResponse> => {
    const container = await findContainer(needs.engine, ctx, request.containerId);
    // CRI: if the container does not run, an error.
    if (!container.State.Running) {
      throw new ShimError(
        'FailedPrecondition',
        `container ${container.Id} does not run: it is ${container.State.Status}`,
      );
    }
    await needs.logs.reopen(container.Id, ctx);
    return {};
  };
}
