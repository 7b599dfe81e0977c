import type { ListPodSandboxRequest, ListPodSandboxResponse, PodSandbox } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerFacts } from '../index/container-facts';
import type { CallContext } from '../lib/call-context';
import { matchesSelector, TYPE_LABEL } from '../translate/labels';
import { readRuntimeHandler } from '../translate/runtime-handlers';
import { listedSandbox } from '../translate/sandbox-status';

export interface ListNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly containerFacts: ContainerFacts;
}

/** ListPodSandbox, newest first. A filter's id may be the beginning of one. */
export function listPodSandbox(needs: ListNeeds) {
  return async (request: ListPodSandboxRequest, ctx: CallContext): Promise<ListPodSandboxResponse> => {
    const rows = await needs.engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] });
    const [known, { runtimes }] = await Promise.all([needs.containerFacts.of(ctx, rows), needs.facts(ctx)]);
    const items: PodSandbox[] = [];
    for (const row of rows) {
      const facts = known.get(row.Id);
      if (facts === undefined) continue;
      const runtimeHandler = readRuntimeHandler(facts.runtime, runtimes);
      const item = listedSandbox(row, { createdAt: facts.createdAt, runtimeHandler });
      if (item.metadata !== undefined && matches(item, request.filter)) items.push(item);
    }
    return { items };
  };
}

function matches(item: PodSandbox, filter: ListPodSandboxRequest['filter']): boolean {
  if (filter === undefined) return true;
  if (!item.id.startsWith(filter.id)) return false;
  if (filter.state !== undefined && filter.state.state !== item.state) return false;
  return matchesSelector(item.labels, filter.labelSelector);
}
