import type { RunRemoteCommand } from '../../streaming/remote-command';
import { runAttach, type RunAttachNeeds } from './run-attach';
import { runExec, type RunExecNeeds } from './run-exec';

/** Runs the sessions whose URLs Exec and Attach gave out. */
export function runRemoteCommand(needs: RunExecNeeds & RunAttachNeeds): RunRemoteCommand {
  return async (session, streams, ctx) => {
    if (session.kind === 'exec') return await runExec(needs, session, streams, ctx);
    await runAttach(needs, session, streams, ctx);
    return 0;
  };
}
