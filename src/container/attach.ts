import type { AttachRequest, AttachResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { checkRuns, findContainer } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import type { AttachSession } from '../streaming/remote-command';
import { checkStreams } from './check-streams';

export interface AttachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  /** The URL at which a client finds the session. */
  readonly streamingUrl: (session: AttachSession) => string;
}

/** Attach: answers the URL for a client that will join the container's main process. */
export function attach(needs: AttachNeeds) {
  return async (request: AttachRequest, ctx: CallContext): Promise<AttachResponse> => {
    const { tty, stdin, stdout, stderr } = request;
    checkStreams(request);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    checkRuns(container);
    const session = { kind: 'attach', containerId: container.Id, tty, stdin, stdout, stderr } as const;
    return { url: needs.streamingUrl(session) };
  };
}
