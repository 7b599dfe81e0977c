import type { ListContainerStatsRequest, ListContainerStatsResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { matchesSelector, readLabels, SANDBOX_ID_LABEL, TYPE_LABEL } from '../translate/labels';
import { containerAttributes, containerStats, runs, type ContainerReading } from '../translate/stats';

export interface ListContainerStatsNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly meter: {
    /** Readings of those that run; a container that ends meanwhile has none. */
    read(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, ContainerReading>>;
    /** Says which containers there are, running or not. */
    keepOnly(ids: Iterable<string>): void;
  };
}

/** ListContainerStats: those that run, newest first. A filter's ids may be the beginnings of ids. */
export function listContainerStats(needs: ListContainerStatsNeeds) {
  return async (request: ListContainerStatsRequest, ctx: CallContext): Promise<ListContainerStatsResponse> => {
    const rows = await needs.engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=container`] });
    needs.meter.keepOnly(rows.map((row) => row.Id));
    const asked = rows.filter((row) => runs(row) && matches(row, request.filter));
    const ids = asked.map((row) => row.Id);
    const [readings, { rootDirectory }] = await Promise.all([needs.meter.read(ctx, ids), needs.facts(ctx)]);
    const stats = asked.flatMap((row) => {
      const reading = readings.get(row.Id);
      if (reading === undefined) return [];
      return [containerStats(containerAttributes(row.Id, row.Names?.[0] ?? '', row.Labels), reading, rootDirectory)];
    });
    return { stats: stats.filter(({ attributes }) => attributes?.metadata !== undefined) };
  };
}

function matches(row: ContainerSummary, filter: ListContainerStatsRequest['filter']): boolean {
  if (filter === undefined) return true;
  if (!row.Id.startsWith(filter.id)) return false;
  if (!(row.Labels?.[SANDBOX_ID_LABEL] ?? '').startsWith(filter.podSandboxId)) return false;
  return matchesSelector(readLabels(row.Labels).labels, filter.labelSelector);
}
