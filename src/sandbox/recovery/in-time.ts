import { withLimit, type CallContext } from '../../lib/call-context';

/** How long the clean-up of one thing may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

/**
 * Does one piece of the clean-up, and gives it up after half a minute: a container that Docker hangs on, or a plugin that
 * hangs, must not keep the clean-up from everything else.
 * @throws ShimError DeadlineExceeded
 */
export function inTime<T>(ctx: CallContext, what: string, work: (bounded: CallContext) => Promise<T>): Promise<T> {
  return withLimit(ctx, TIMEOUT_MS, what, work);
}
