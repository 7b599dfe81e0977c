import type {
  ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse,
  PodSandboxStats,
} from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import { idsOf, type NodeSandbox } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { inParts } from '../lib/in-parts';
import type { ContainerMeter } from '../stats/container-meter';
import type { LayerStore } from '../stats/layer-store';
import type { PodMeter } from '../stats/pod-meter';
import { sandboxAttributes } from '../translate/stats';
import { byPod } from './by-pod';
import { matchesSandboxFilter } from './matches-filter';
import { statsWithMembers } from './member-stats';

export interface ListPodSandboxStatsNeeds {
  readonly index: Pick<ContainerIndex, 'sandboxes' | 'containers'>;
  readonly store: Pick<LayerStore, 'directory'>;
  readonly podMeter: Pick<PodMeter, 'read' | 'keepOnly'>;
  readonly containerMeter: Pick<ContainerMeter, 'read' | 'keepOnly'>;
}

/** ListPodSandboxStats: those that run, newest first. A filter's id may be the beginning of one. */
export function listPodSandboxStats(needs: ListPodSandboxStatsNeeds) {
  return async function* (
    request: ListPodSandboxStatsRequest,
    ctx: CallContext,
  ): AsyncGenerator<ListPodSandboxStatsResponse> {
    const [sandboxes, containers] = await Promise.all([needs.index.sandboxes(ctx), needs.index.containers(ctx)]);
    needs.podMeter.keepOnly(idsOf(sandboxes));
    needs.containerMeter.keepOnly(idsOf(containers));

    const asked = sandboxes.filter((one) => one.running && matchesSandboxFilter(one, request.filter));
    const members = byPod(containers.filter((one) => one.running));
    const askedMembers = asked.flatMap(({ id }) => members.get(id) ?? []);
    const [pods, memberReadings, mountpoint] = await Promise.all([
      needs.podMeter.read(ctx, idsOf(asked)),
      needs.containerMeter.read(ctx, idsOf(askedMembers)),
      needs.store.directory(ctx),
    ]);
    const statsOf = ({ id, facts }: NodeSandbox): PodSandboxStats[] => {
      const reading = pods.get(id);
      if (reading === undefined || facts.metadata === undefined) return [];
      return [statsWithMembers(sandboxAttributes(facts), reading, members.get(id) ?? [], memberReadings, mountpoint)];
    };
    for await (const some of inParts(ctx, asked)) yield { stats: some.flatMap(statsOf) };
  };
}
