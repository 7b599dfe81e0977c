import type { Engine } from '../docker/engine';
import type { ExecInspect } from '../docker/types';
import { pause, type CallContext } from '../lib/call-context';

/** How long a command whose call ended before it started is waited for, in milliseconds. */
const START_TIMEOUT_MS = 2_000;
const POLL_MS = 2;

/** The exec when it runs, once its process is known; undefined when it has ended or never starts. */
export async function runningExec(
  engine: Pick<Engine, 'inspectExec'>,
  ctx: CallContext,
  execId: string,
): Promise<ExecInspect | undefined> {
  const giveUp = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const exec = await engine.inspectExec(ctx, execId);
    if (exec.Running && exec.Pid > 0) return exec;
    // Without an exit code it has not run yet: the call may have ended while Docker was about to start it.
    const mayStillStart = exec.Running || (exec.ExitCode === null && performance.now() < giveUp);
    if (!mayStillStart) return undefined;
    await pause(ctx, POLL_MS);
  }
}
