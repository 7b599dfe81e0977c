import type { ExecRequest, ExecResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { checkRuns, findContainer } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import type { ExecSession } from '../streaming/remote-command';
import { invalid } from '../translate/checks';
import { checkStreams } from './check-streams';

export interface ExecNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  /** The URL at which a client finds the session. */
  readonly streamingUrl: (session: ExecSession) => string;
}

/** Exec: answers the URL for a client that will run a command in a container. Nothing runs before it comes. */
export function exec(needs: ExecNeeds) {
  return async (request: ExecRequest, ctx: CallContext): Promise<ExecResponse> => {
    const { cmd: command, tty, stdin, stdout, stderr } = request;
    if (command.length === 0) throw invalid('cmd', 'is missing');
    checkStreams(request);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    checkRuns(container);
    const session = { kind: 'exec', containerId: container.Id, command, tty, stdin, stdout, stderr } as const;
    return { url: needs.streamingUrl(session) };
  };
}
