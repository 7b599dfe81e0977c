import type { ListPodSandboxStatsRequest, ListPodSandboxStatsResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { kindOfContainer, matchesSelector, readLabels, SANDBOX_ID_LABEL, TYPE_LABEL } from '../translate/labels';
import { runs, sandboxAttributes } from '../translate/stats';
import { statsWithMembers } from './member-stats';
import type { PodMeters } from './meters';

export interface ListPodSandboxStatsNeeds extends PodMeters {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
}

/** ListPodSandboxStats: those that run, newest first. A filter's id may be the beginning of one. */
export function listPodSandboxStats(needs: ListPodSandboxStatsNeeds) {
  return async (request: ListPodSandboxStatsRequest, ctx: CallContext): Promise<ListPodSandboxStatsResponse> => {
    const rows = await needs.engine.listContainers(ctx, { labels: [TYPE_LABEL] });
    const sandboxes = rows.filter((row) => kindOfContainer(row.Labels) === 'podsandbox');
    const containers = rows.filter((row) => kindOfContainer(row.Labels) === 'container');
    needs.podMeter.keepOnly(idsOf(sandboxes));
    needs.containerMeter.keepOnly(idsOf(containers));

    const asked = sandboxes.filter((row) => runs(row) && matches(row, request.filter));
    const members = byPod(containers.filter(runs));
    const askedMembers = asked.flatMap((row) => members.get(row.Id) ?? []);
    const [pods, memberReadings, { rootDirectory }] = await Promise.all([
      needs.podMeter.read(ctx, idsOf(asked)),
      needs.containerMeter.read(ctx, idsOf(askedMembers)),
      needs.facts(ctx),
    ]);
    const stats = asked.flatMap((row) => {
      const reading = pods.get(row.Id);
      const attributes = sandboxAttributes(row.Id, row.Names?.[0] ?? '', row.Labels);
      if (reading === undefined || attributes.metadata === undefined) return [];
      return [statsWithMembers(attributes, reading, members.get(row.Id) ?? [], memberReadings, rootDirectory)];
    });
    return { stats };
  };
}

function idsOf(rows: readonly ContainerSummary[]): string[] {
  return rows.map((row) => row.Id);
}

function byPod(containers: readonly ContainerSummary[]): ReadonlyMap<string, ContainerSummary[]> {
  const pods = new Map<string, ContainerSummary[]>();
  for (const row of containers) {
    const pod = row.Labels?.[SANDBOX_ID_LABEL] ?? '';
    pods.set(pod, [...(pods.get(pod) ?? []), row]);
  }
  return pods;
}

function matches(row: ContainerSummary, filter: ListPodSandboxStatsRequest['filter']): boolean {
  if (filter === undefined) return true;
  return row.Id.startsWith(filter.id) && matchesSelector(readLabels(row.Labels).labels, filter.labelSelector);
}
