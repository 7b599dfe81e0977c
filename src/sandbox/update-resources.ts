import type {
  UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { findSandbox } from '../index/find-container';
import type { CallContext } from '../lib/call-context';

export interface UpdateResourcesNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
}

/**
 * UpdatePodSandboxResources tells a runtime how large the pod is to be from now on. The pod's cgroup is the kubelet's,
 * which has changed it before it says so, and a pause container has no share in it that grows: there is nothing to change
 * here. It is for runtimes whose pods are virtual machines, or whose plugins want to know. No quantity is refused: what
 * the kubelet says of a pod without limits is out of every range.
 */
export function updatePodSandboxResources(needs: UpdateResourcesNeeds) {
  return async (
    request: UpdatePodSandboxResourcesRequest,
    ctx: CallContext,
  ): Promise<UpdatePodSandboxResourcesResponse> => {
    const sandbox = await findSandbox(needs.engine, ctx, request.podSandboxId);
    ctx.log.debug('the pod has other resources', { sandbox: sandbox.Id });
    return {};
  };
}
