import type { ContainerStatsRequest, ContainerStatsResponse } from '../../generated/runtime/v1/api';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerIndex } from '../index/container-index';
import type { CallContext } from '../lib/call-context';
import { containerAttributes, containerStats as toStats, type ContainerReading } from '../translate/stats';

export interface ContainerStatsNeeds {
  readonly index: Pick<ContainerIndex, 'container'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly meter: {
    /** Readings of those that run; a container that ends meanwhile has none. */
    read(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, ContainerReading>>;
  };
}

/** ContainerStats. A container that does not run answers with its attributes alone, for it uses nothing. */
export function containerStats(needs: ContainerStatsNeeds) {
  return async (request: ContainerStatsRequest, ctx: CallContext): Promise<ContainerStatsResponse> => {
    const { id, status } = await needs.index.container(ctx, request.containerId);
    const [readings, { rootDirectory }] = await Promise.all([needs.meter.read(ctx, [id]), needs.facts(ctx)]);
    return { stats: toStats(containerAttributes(status), readings.get(id), rootDirectory) };
  };
}
