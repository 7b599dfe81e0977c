import type { ContainerEventResponse, GetEventsRequest } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { EventHub } from '../index/cri-events/event-hub';
import type { CallContext } from '../lib/call-context';

export interface EventsNeeds {
  readonly index: Pick<ContainerIndex, 'containers'>;
  readonly hub: EventHub;
}

/**
 * GetContainerEvents: what happens to containers and sandboxes from now on, each time with the whole pod. What is there
 * already is no event: clients list it.
 * @throws ShimError ResourceExhausted to a reader that has missed events
 */
export function getContainerEvents(needs: EventsNeeds) {
  return async function* (_request: GetEventsRequest, ctx: CallContext): AsyncGenerator<ContainerEventResponse> {
    await needs.index.containers(ctx);
    yield* needs.hub.read(ctx);
  };
}
