import { setMaxListeners } from 'node:events';
import { ShimError } from './errors';
import type { Log } from './log';

/**
 * What travels with every piece of work: when to give up, and where to write about it. A CRI call's context ends when
 * its client cancels, disconnects or its deadline passes; work that must go on after that (undoing a half-made sandbox)
 * takes a fresh context from `detached`.
 */
export interface CallContext {
  /** Aborts with a ShimError of kind Cancelled or DeadlineExceeded as its reason. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The longest time that a timer can wait, in milliseconds: 24 days. A longer one would ring at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

function endAfter(controller: AbortController, ms: number, what: string): NodeJS.Timeout {
  // A call may ask for many things at once, each of which listens. That's no leak.
  setMaxListeners(0, controller.signal);
  return setTimeout(
    () => controller.abort(new ShimError('DeadlineExceeded', `${what} took more than ${ms / 1000} s`)),
    Math.min(ms, LONGEST_TIMER_MS),
  );
}

/**
 * A context of its own for at most `ms` milliseconds, independent of the call that started the work.
 * `dispose` must be called when the work ends: it stops the timer.
 */
export function detached(log: Log, ms: number, what: string): CallContext & { dispose(): void } {
  const controller = new AbortController();
  const timer = endAfter(controller, ms, what);
  return { signal: controller.signal, log, dispose: () => clearTimeout(timer) };
}

/** What goes on in the background until the shim stops. */
export interface Background extends CallContext {
  stop(): void;
}

/** A context that much may wait in at once, each listening for the end. */
export function background(log: Log): Background {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const stop = (): void => controller.abort(new ShimError('Cancelled', 'the shim is stopping'));
  return { signal: controller.signal, log, stop };
}

/** Runs `work` in a detached context and stops its timer whatever happens. */
export async function withDetached<T>(
  log: Log,
  ms: number,
  what: string,
  work: (ctx: CallContext) => Promise<T>,
): Promise<T> {
  return await disposing(detached(log, ms, what), work);
}

/** The context with a nearer end: it ends with `ctx`, or after `ms` milliseconds with DeadlineExceeded. */
export function within(ctx: CallContext, ms: number, what: string): CallContext & { dispose(): void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(ctx.signal.reason);
  const timer = endAfter(controller, ms, what);
  if (ctx.signal.aborted) follow();
  else ctx.signal.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    log: ctx.log,
    dispose() {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', follow);
    },
  };
}

/** Runs `work` in the context with a nearer end, as `within` gives it, and stops its timer whatever happens. */
export async function withLimit<T>(
  ctx: CallContext,
  ms: number,
  what: string,
  work: (bounded: CallContext) => Promise<T>,
): Promise<T> {
  return await disposing(within(ctx, ms, what), work);
}

async function disposing<T>(
  ctx: CallContext & { dispose(): void },
  work: (ctx: CallContext) => Promise<T>,
): Promise<T> {
  try {
    return await work(ctx);
  } finally {
    ctx.dispose();
  }
}

/** Throws the reason if the context has ended. */
export function throwIfEnded(ctx: CallContext): void {
  if (ctx.signal.aborted) throw ctx.signal.reason;
}

/** Waits `ms` milliseconds, or throws the context's reason as soon as it ends. */
export function pause(ctx: CallContext, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (ctx.signal.aborted) {
      reject(ctx.signal.reason as Error);
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      reject(ctx.signal.reason as Error);
    };
    const timer = setTimeout(() => {
      ctx.signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    ctx.signal.addEventListener('abort', end, { once: true });
  });
}
