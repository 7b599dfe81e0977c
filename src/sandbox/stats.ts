import type { PodSandboxStatsRequest, PodSandboxStatsResponse } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import { idsOf } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import type { ContainerMeter } from '../stats/container-meter';
import type { LayerStore } from '../stats/layer-store';
import type { PodMeter } from '../stats/pod-meter';
import { sandboxAttributes } from '../translate/stats';
import { statsWithMembers } from './member-stats';

export interface PodSandboxStatsNeeds {
  readonly index: Pick<ContainerIndex, 'sandbox' | 'members'>;
  readonly store: Pick<LayerStore, 'directory'>;
  readonly podMeter: Pick<PodMeter, 'read'>;
  readonly containerMeter: Pick<ContainerMeter, 'read'>;
}

/** PodSandboxStats. A sandbox that does not run answers with its attributes alone, for it uses nothing. */
export function podSandboxStats(needs: PodSandboxStatsNeeds) {
  return async (request: PodSandboxStatsRequest, ctx: CallContext): Promise<PodSandboxStatsResponse> => {
    const { id, facts } = await needs.index.sandbox(ctx, request.podSandboxId);
    const members = (await needs.index.members(ctx, id)).filter((member) => member.running);
    const [pods, containers, mountpoint] = await Promise.all([
      needs.podMeter.read(ctx, [id]),
      needs.containerMeter.read(ctx, idsOf(members)),
      needs.store.directory(ctx),
    ]);
    return { stats: statsWithMembers(sandboxAttributes(facts), pods.get(id), members, containers, mountpoint) };
  };
}
