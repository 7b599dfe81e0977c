import type {
  ContainerStats,
  ListContainerStatsRequest,
  ListContainerStatsResponse,
} from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import { idsOf, type NodeContainer } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { inParts } from '../lib/in-parts';
import type { ContainerMeter } from '../stats/container-meter';
import type { LayerStore } from '../stats/layer-store';
import { containerAttributes, toContainerStats } from '../translate/stats';
import { matchesContainerFilter } from './matches-filter';

export interface ListContainerStatsNeeds {
  readonly index: Pick<ContainerIndex, 'containers'>;
  readonly store: Pick<LayerStore, 'directory'>;
  readonly containerMeter: Pick<ContainerMeter, 'read' | 'keepOnly'>;
}

/** ListContainerStats: those that run, newest first. A filter's ids may be the beginnings of ids. */
export function listContainerStats(needs: ListContainerStatsNeeds) {
  return async function* (
    request: ListContainerStatsRequest,
    ctx: CallContext,
  ): AsyncGenerator<ListContainerStatsResponse> {
    const all = await needs.index.containers(ctx);
    needs.containerMeter.keepOnly(idsOf(all));
    const asked = all.filter(
      (one) => one.running && one.status.metadata !== undefined && matchesContainerFilter(one, request.filter),
    );
    const [readings, mountpoint] = await Promise.all([
      needs.containerMeter.read(ctx, idsOf(asked)),
      needs.store.directory(ctx),
    ]);
    const statsOf = ({ id, status }: NodeContainer): ContainerStats[] => {
      const reading = readings.get(id);
      return reading === undefined ? [] : [toContainerStats(containerAttributes(status), reading, mountpoint)];
    };
    for await (const some of inParts(ctx, asked)) yield { stats: some.flatMap(statsOf) };
  };
}
