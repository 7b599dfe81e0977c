import { LONGEST_TIMER_MS, type CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** A connection that knows for how long, in milliseconds, no data went over it; pings do not count. */
export interface Watched {
  readonly idleMs: number;
}

export interface IdleContext extends CallContext {
  /** Begins to watch. */
  watch(connection: Watched): void;
  dispose(): void;
}

/** The context with another end: it ends with `ctx`, or when the connection has been idle for `limitMs` milliseconds. */
export function endWhenIdle(ctx: CallContext, limitMs: number): IdleContext {
  const controller = new AbortController();
  const follow = (): void => controller.abort(ctx.signal.reason);
  let timer: NodeJS.Timeout | undefined;
  if (ctx.signal.aborted) follow();
  else ctx.signal.addEventListener('abort', follow, { once: true });

  function watch(connection: Watched): void {
    const left = limitMs - connection.idleMs;
    if (left > 0) timer = setTimeout(() => watch(connection), Math.min(Math.ceil(left), LONGEST_TIMER_MS));
    else controller.abort(new ShimError('DeadlineExceeded', `no data went either way for ${limitMs / 1000} s`));
  }

  return {
    signal: controller.signal,
    log: ctx.log,
    watch,
    dispose() {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', follow);
    },
  };
}
