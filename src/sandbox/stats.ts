import type { PodSandboxStatsRequest, PodSandboxStatsResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { CallContext } from '../lib/call-context';
import { runs, sandboxAttributes } from '../translate/stats';
import { findSandbox } from '../index/find-container';
import { statsWithMembers } from './member-stats';
import { membersOf } from './members';
import type { PodMeters } from './meters';

export interface PodSandboxStatsNeeds extends PodMeters {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
}

/** PodSandboxStats. A sandbox that does not run answers with its attributes alone, for it uses nothing. */
export function podSandboxStats(needs: PodSandboxStatsNeeds) {
  return async (request: PodSandboxStatsRequest, ctx: CallContext): Promise<PodSandboxStatsResponse> => {
    const { Id: id, Name: name, Config: config } = await findSandbox(needs.engine, ctx, request.podSandboxId);
    const members = (await membersOf(needs.engine, ctx, id)).filter(runs);
    const memberIds = members.map((row) => row.Id);
    const [pods, containers, { rootDirectory }] = await Promise.all([
      needs.podMeter.read(ctx, [id]),
      needs.containerMeter.read(ctx, memberIds),
      needs.facts(ctx),
    ]);
    const attributes = sandboxAttributes(id, name, config.Labels);
    return { stats: statsWithMembers(attributes, pods.get(id), members, containers, rootDirectory) };
  };
}
