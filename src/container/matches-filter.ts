import type { ContainerStateValue, ContainerStatsFilter } from '../../generated/runtime/v1/api';
import type { NodeContainer } from '../index/node-record';
import { matchesSelector } from '../translate/labels';

/** The filters of the lists of containers; only that of ListContainers has a state. */
type Filter = ContainerStatsFilter & { readonly state?: ContainerStateValue | undefined };

/** Whether a list with this filter, if any, has the container. A filter's ids may be the beginnings of ids. */
export function matchesContainerFilter({ status, sandboxId }: NodeContainer, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  if (!status.id.startsWith(filter.id) || !sandboxId.startsWith(filter.podSandboxId)) return false;
  if (filter.state !== undefined && filter.state.state !== status.state) return false;
  return matchesSelector(status.labels, filter.labelSelector);
}
