import type { Engine } from '../docker/engine';
import { pause, type CallContext } from '../lib/call-context';

/** Docker notes an exit a moment after the output has ended: the first and the longest time between two looks. */
const POLL_MS = { first: 2, longest: 250 };

/**
 * The exit code of a command whose output has ended, as Docker noted it. It is waited for as long as the call lasts, for
 * a command may close its output and live on, and it is never guessed.
 */
export async function execExitCode(
  engine: Pick<Engine, 'inspectExec'>,
  ctx: CallContext,
  execId: string,
): Promise<number> {
  for (let wait = POLL_MS.first; ; wait = Math.min(wait * 2, POLL_MS.longest)) {
    const exec = await engine.inspectExec(ctx, execId);
    if (!exec.Running && exec.ExitCode !== null) return exec.ExitCode;
    await pause(ctx, wait);
  }
}
