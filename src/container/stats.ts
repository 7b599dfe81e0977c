import type { ContainerStatsRequest, ContainerStatsResponse } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { CallContext } from '../lib/call-context';
import type { ContainerMeter } from '../stats/container-meter';
import type { LayerStore } from '../stats/layer-store';
import { containerAttributes, toContainerStats } from '../translate/stats';

export interface ContainerStatsNeeds {
  readonly index: Pick<ContainerIndex, 'container'>;
  readonly store: Pick<LayerStore, 'directory'>;
  readonly containerMeter: Pick<ContainerMeter, 'read'>;
}

/** ContainerStats. A container that does not run answers with its attributes alone, for it uses nothing. */
export function containerStats(needs: ContainerStatsNeeds) {
  return async (request: ContainerStatsRequest, ctx: CallContext): Promise<ContainerStatsResponse> => {
    const { id, status } = await needs.index.container(ctx, request.containerId);
    const [readings, mountpoint] = await Promise.all([
      needs.containerMeter.read(ctx, [id]),
      needs.store.directory(ctx),
    ]);
    return { stats: toContainerStats(containerAttributes(status), readings.get(id), mountpoint) };
  };
}
