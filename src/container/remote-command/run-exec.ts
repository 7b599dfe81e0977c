import type { Engine } from '../../docker/engine';
import { withDetached, type CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { ExecSession, RemoteStreams } from '../../streaming/remote-command';
import { execExitCode, startedExec } from '../exec-state';
import { DETACH_KEYS } from './detach-keys';
import { followSizes } from './follow-sizes';
import { relay, shimStops } from './relay';

/** How long the command of a client that has gone may take to be found, in milliseconds. */
const HANG_UP_TIMEOUT_MS = 5_000;

export interface RunExecNeeds {
  readonly engine: Pick<Engine, 'createExec' | 'startExec' | 'inspectExec' | 'resizeExec'>;
  /** Signals the process with all its family. */
  readonly signalProcessTree: (pid: number, signal: NodeJS.Signals) => Promise<void>;
}

/** Runs a command in a container for a client and answers its exit code. */
export async function runExec(
  needs: RunExecNeeds,
  session: ExecSession,
  streams: RemoteStreams,
  ctx: CallContext,
): Promise<number> {
  const { engine } = needs;
  const { tty } = session;
  const execId = await engine.createExec(ctx, session.containerId, {
    Cmd: session.command,
    AttachStdin: session.stdin,
    // Also for a client that does not want it: its end is how the command's end is noticed.
    AttachStdout: true,
    AttachStderr: !tty,
    Tty: tty,
    DetachKeys: DETACH_KEYS,
  });
  const connection = await engine.startExec(ctx, execId, { tty }).catch(async (error: unknown) => {
    // Docker goes on with the start of a command whose client has left meanwhile.
    if (tty && ctx.signal.aborted && !shimStops(ctx)) await hangUp(needs, execId, tty, ctx);
    throw error;
  });
  void followSizes(streams.sizes, (size) => engine.resizeExec(ctx, execId, size), ctx);
  // With a terminal Docker would take the end of the input for the end of the session and cut the output off.
  const end = await relay(connection, streams, { tty, passInputEnd: !tty, stallMs: undefined }, ctx);
  if (!ctx.signal.aborted) return await execExitCode(engine, ctx, execId);
  if (!shimStops(ctx) && (tty || end === 'left writing')) await hangUp(needs, execId, tty, ctx);
  throw ctx.signal.reason;
}

/**
 * Docker leaves the command of a client that has gone running and throws its output away. It is told what it would be
 * told anywhere else: that its terminal hung up, or that the pipe that it writes to is broken. A command that neither has
 * a terminal nor writes is left alone.
 */
async function hangUp(needs: RunExecNeeds, execId: string, tty: boolean, ctx: CallContext): Promise<void> {
  await withDetached(ctx.log, HANG_UP_TIMEOUT_MS, 'ending the command of a client that has gone', async (fresh) => {
    const exec = await startedExec(needs.engine, fresh, execId);
    if (exec?.Running) await needs.signalProcessTree(exec.Pid, tty ? 'SIGHUP' : 'SIGPIPE');
  }).catch((error: unknown) => {
    ctx.log.warn('the command of a client that has gone may still run', { exec: execId, error: messageOf(error) });
  });
}
