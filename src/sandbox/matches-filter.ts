import type { PodSandboxStatsFilter, PodSandboxStateValue } from '../../generated/runtime/v1/api';
import type { NodeSandbox } from '../index/node-record';
import { matchesSelector } from '../translate/labels';

/** The filters of the lists of sandboxes; only that of ListPodSandbox has a state. */
type Filter = PodSandboxStatsFilter & { readonly state?: PodSandboxStateValue | undefined };

/** Whether a list with this filter, if any, has the sandbox. A filter's id may be the beginning of one. */
export function matchesSandboxFilter({ facts }: NodeSandbox, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  if (!facts.id.startsWith(filter.id)) return false;
  if (filter.state !== undefined && filter.state.state !== facts.state) return false;
  return matchesSelector(facts.labels, filter.labelSelector);
}
