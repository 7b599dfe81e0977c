import type {
  LinuxContainerResources,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ShimError, whileDoing } from '../lib/errors';
import { invalid, unimplemented } from '../translate/checks';
import { checkResources, dockerResources } from '../translate/resources';
import { findContainer } from './find';

export interface UpdateNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'updateContainer'>;
  readonly lowestOomScore: number;
}

/** UpdateContainerResources: what is zero or empty in the request stays as it is. */
export function updateContainerResources(needs: UpdateNeeds) {
  return async (
    request: UpdateContainerResourcesRequest,
    ctx: CallContext,
  ): Promise<UpdateContainerResourcesResponse> => {
    const { linux } = request;
    if (linux === undefined) throw invalid('linux', 'is missing');
    checkResources('linux', linux);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    checkUpdatable(container, linux, needs.lowestOomScore);
    try {
      await needs.engine.updateContainer(ctx, container.Id, dockerResources(linux));
    } catch (error) {
      throw whileDoing(`update resources of container ${container.Id}`, error);
    }
    return {};
  };
}

function checkUpdatable(container: ContainerInspect, linux: LinuxContainerResources, lowestOomScore: number): void {
  if (container.State.Dead || (!container.State.Running && container.State.Status !== 'created')) {
    throw new ShimError('FailedPrecondition', `container ${container.Id} has ended: it has no resources to update`);
  }
  // Zero is also how a client says nothing.
  const score = Math.max(Number(linux.oomScoreAdj), lowestOomScore);
  if (linux.oomScoreAdj !== 0n && score !== (container.HostConfig.OomScoreAdj ?? 0)) {
    throw unimplemented('linux.oom_score_adj', 'Docker can not change the OOM score of a container that exists');
  }
}
