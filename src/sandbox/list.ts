import type { ListPodSandboxRequest, ListPodSandboxResponse } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { NodeSandbox } from '../index/node-record';
import type { PodsInMaking } from '../index/pods-in-making';
import type { CallContext } from '../lib/call-context';
import { Derived } from '../lib/derived';
import { listedSandbox } from '../translate/sandbox-status';
import { matchesSandboxFilter } from './matches-filter';

export interface ListNeeds {
  readonly index: Pick<ContainerIndex, 'sandboxes'>;
  readonly podsInMaking: Pick<PodsInMaking, 'has'>;
}

/** ListPodSandbox, newest first, without those that are still being made. A filter's id may be the beginning of one. */
export function listPodSandbox(needs: ListNeeds) {
  // The same object for the same record: it is encoded once (cri/list-encoder.ts).
  const listed = new Derived(({ facts, runtimeHandler }: NodeSandbox) => listedSandbox(facts, runtimeHandler));
  return async (request: ListPodSandboxRequest, ctx: CallContext): Promise<ListPodSandboxResponse> => {
    const all = await needs.index.sandboxes(ctx);
    const made = all.filter((one) => one.facts.metadata !== undefined && !needs.podsInMaking.has(one));
    const matching = made.filter((one) => matchesSandboxFilter(one, request.filter));
    return { items: matching.map((one) => listed.of(one)) };
  };
}
