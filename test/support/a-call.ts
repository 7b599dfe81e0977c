import type { CallContext } from '../../src/lib/call-context';
import { ShimError } from '../../src/lib/errors';
import { silentLog, type Log } from '../../src/lib/log';

/** A call under way, and the end that its client can put to it. */
export interface Call {
  readonly ctx: CallContext;
  /** What work that waits with `ctx` rejects with after `cancel`. */
  readonly reason: ShimError;
  cancel(): void;
}

export function aCall(log: Log = silentLog): Call {
  const controller = new AbortController();
  const reason = new ShimError('Cancelled', 'the client has gone');
  return { ctx: { signal: controller.signal, log }, reason, cancel: () => controller.abort(reason) };
}
