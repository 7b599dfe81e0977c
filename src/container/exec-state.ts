import type { Engine } from '../docker/engine';
import type { ExecInspect } from '../docker/types';
import { pause, type CallContext } from '../lib/call-context';

/**
 * What Docker knows of a command that was exec'd. It has no events for the start of its process, nor for its exit code, so
 * both are polled for.
 */

type Inspecting = Pick<Engine, 'inspectExec'>;

/** How long a command whose call ended before it started is waited for, in milliseconds. */
const START_TIMEOUT_MS = 2_000;
const START_POLL_MS = 2;

/** The exec once its process is known, though it may have ended by then; undefined when it never starts. */
export async function startedExec(
  engine: Inspecting,
  ctx: CallContext,
  execId: string,
): Promise<ExecInspect | undefined> {
  const giveUp = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const exec = await engine.inspectExec(ctx, execId);
    if (exec.Pid > 0 && (exec.Running || exec.ExitCode !== null)) return exec;
    // Without an exit code it has not run yet: the call may have ended while Docker was about to start it.
    const mayStillStart = exec.Running || (exec.ExitCode === null && performance.now() < giveUp);
    if (!mayStillStart) return undefined;
    await pause(ctx, START_POLL_MS);
  }
}

/** Docker records the exit a moment after the output has ended: the first and the longest time between two looks. */
const EXIT_POLL_MS = { first: 2, longest: 250 };

/**
 * The exit code of a command whose output has ended, as Docker recorded it. It is waited for as long as the call lasts,
 * because a command may close its output and live on, and it is never guessed.
 */
export async function execExitCode(engine: Inspecting, ctx: CallContext, execId: string): Promise<number> {
  for (let wait = EXIT_POLL_MS.first; ; wait = Math.min(wait * 2, EXIT_POLL_MS.longest)) {
    const exec = await engine.inspectExec(ctx, execId);
    if (!exec.Running && exec.ExitCode !== null) return exec.ExitCode;
    await pause(ctx, wait);
  }
}
