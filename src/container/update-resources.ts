import type {
  LinuxContainerResources,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ShimError, whileDoing } from '../lib/errors';
import { invalid, unimplemented } from '../translate/checks';
import { checkResources, dockerResources } from '../translate/resources';
import { findContainer } from '../index/find-container';

export interface UpdateNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'updateContainer'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly lowestOomScore: number;
  readonly writeUnified: (containerId: string, pid: number, values: Readonly<Record<string, string>>) => Promise<void>;
}

/** UpdateContainerResources: what is zero or empty in the request stays as it is. */
export function updateContainerResources(needs: UpdateNeeds) {
  return async (
    request: UpdateContainerResourcesRequest,
    ctx: CallContext,
  ): Promise<UpdateContainerResourcesResponse> => {
    const { linux } = request;
    if (linux === undefined) throw invalid('linux', 'is missing');
    checkResources('linux', linux, (await needs.facts(ctx)).cgroupV2);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    checkUpdatable(container, linux, needs.lowestOomScore);
    try {
      await needs.engine.updateContainer(ctx, container.Id, dockerResources(linux));
      const unified = Object.keys(linux.unified).length > 0;
      if (unified) await needs.writeUnified(container.Id, container.State.Pid, linux.unified);
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
  if (!container.State.Running && Object.keys(linux.unified).length > 0) {
    throw new ShimError(
      'FailedPrecondition',
      `linux.unified: container ${container.Id} has no cgroup before it is started`,
    );
  }
  // Zero is also how a client says nothing.
  const score = Math.max(Number(linux.oomScoreAdj), lowestOomScore);
  if (linux.oomScoreAdj !== 0n && score !== (container.HostConfig.OomScoreAdj ?? 0)) {
    throw unimplemented('linux.oom_score_adj', 'Docker can not change the OOM score of a container that exists');
  }
}
