import type { ContainerStatusRequest, ContainerStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import type { ContainerIndex } from '../index/container-index';
import { findContainer } from '../index/find-container';
import type { ShownStatuses } from '../index/shown-statuses';
import type { CallContext } from '../lib/call-context';
import { SANDBOX_ID_LABEL } from '../translate/labels';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly index: Pick<ContainerIndex, 'toldContainer'>;
  readonly statuses: ShownStatuses;
}

/**
 * ContainerStatus. With `verbose`, Docker is asked, and `info` has what crictl shows for debugging, as JSON.
 * @throws ShimError Unavailable for a minute at most, while nobody can tell how the container ended: the kubelet asks once, and keeps the
 * answer
 */
export function containerStatus(needs: StatusNeeds) {
  return async (request: ContainerStatusRequest, ctx: CallContext): Promise<ContainerStatusResponse> => {
    const container = await needs.index.toldContainer(ctx, request.containerId);
    const status = await needs.statuses.container(ctx, container);
    if (!request.verbose) return { status, info: {} };
    const inspect = await findContainer(needs.engine, ctx, container.id);
    return { status, info: { info: JSON.stringify(verboseInfo(inspect)) } };
  };
}

function verboseInfo(container: ContainerInspect): Record<string, unknown> {
  return {
    sandboxID: container.Config.Labels?.[SANDBOX_ID_LABEL],
    pid: container.State.Pid,
    processStatus: container.State.Status,
    dockerName: container.Name.replace(/^\//, ''),
    dockerLogPath: container.LogPath,
    cgroupParent: container.HostConfig.CgroupParent,
    runtime: container.HostConfig.Runtime,
    entrypoint: container.Config.Entrypoint,
    command: container.Config.Cmd,
    workingDirectory: container.Config.WorkingDir,
    privileged: container.HostConfig.Privileged,
  };
}
