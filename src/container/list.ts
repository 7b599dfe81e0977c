import {
  ContainerState,
  type Container,
  type ListContainersRequest,
  type ListContainersResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ContainerSummary } from '../docker/types';
import type { ContainerFacts } from '../index/container-facts';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { containerProgress } from '../translate/container-state';
import { listedContainer } from '../translate/container-status';
import { matchesSelector, TYPE_LABEL } from '../translate/labels';

export interface ListNeeds {
  readonly engine: Pick<Engine, 'listContainers' | 'inspectContainer'>;
  readonly containerFacts: ContainerFacts;
}

/** ListContainers, newest first. A filter's ids may be the beginnings of ids. */
export function listContainers(needs: ListNeeds) {
  return async (request: ListContainersRequest, ctx: CallContext): Promise<ListContainersResponse> => {
    const rows = await needs.engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=container`] });
    const known = await needs.containerFacts.of(ctx, rows);
    const listed = await Promise.all(
      rows.map(async (row): Promise<Container | undefined> => {
        const facts = known.get(row.Id);
        if (facts === undefined) return undefined;
        return await withTrueState(needs, ctx, row, listedContainer(row, facts.createdAt));
      }),
    );
    const there = listed.filter((item): item is Container => item?.metadata !== undefined);
    return { containers: there.filter((item) => matches(item, request.filter)) };
  };
}

/**
 * Docker lists a container whose start failed as `created`, for which the kubelet would wait for ever; its inspect knows
 * better. Few containers are in this state at any time.
 */
async function withTrueState(
  needs: ListNeeds,
  ctx: CallContext,
  row: ContainerSummary,
  item: Container,
): Promise<Container | undefined> {
  if (item.state !== ContainerState.CONTAINER_CREATED) return item;
  try {
    const { State: state } = await needs.engine.inspectContainer(ctx, row.Id);
    return { ...item, state: containerProgress(state, item.createdAt).state };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (ctx.signal.aborted) throw error;
    // One container that Docker can't tell of must not fail the list of all.
    return item;
  }
}

function matches(item: Container, filter: ListContainersRequest['filter']): boolean {
  if (filter === undefined) return true;
  if (!item.id.startsWith(filter.id) || !item.podSandboxId.startsWith(filter.podSandboxId)) return false;
  if (filter.state !== undefined && filter.state.state !== item.state) return false;
  return matchesSelector(item.labels, filter.labelSelector);
}
