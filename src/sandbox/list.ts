import type { ListPodSandboxRequest, ListPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { NodeSandbox } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { Derived } from '../lib/derived';
import { matchesSelector } from '../translate/labels';
import { listedSandbox } from '../translate/sandbox-status';

export interface ListNeeds {
  readonly index: Pick<ContainerIndex, 'sandboxes'>;
}

/** ListPodSandbox, newest first. A filter's id may be the beginning of one. */
export function listPodSandbox(needs: ListNeeds) {
  // The same object for the same record: it is encoded once (cri/list-encoder.ts).
  const listed = new Derived(({ facts, runtimeHandler }: NodeSandbox) => listedSandbox(facts, runtimeHandler));
  return async (request: ListPodSandboxRequest, ctx: CallContext): Promise<ListPodSandboxResponse> => {
    const all = await needs.index.sandboxes(ctx);
    const matching = all.filter((one) => one.facts.metadata !== undefined && matches(one, request.filter));
    return { items: matching.map((one) => listed.of(one)) };
  };
}

function matches({ facts }: NodeSandbox, filter: ListPodSandboxRequest['filter']): boolean {
  if (filter === undefined) return true;
  if (!facts.id.startsWith(filter.id)) return false;
  if (filter.state !== undefined && filter.state.state !== facts.state) return false;
  return matchesSelector(facts.labels, filter.labelSelector);
}
