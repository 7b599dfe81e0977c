import type { Log, LogFields } from './log';

/**
 * What fails and is tried again: the first failure is for the operator, those that follow are not, until it has
 * succeeded.
 * INVARIANT: holds what failed last, until it has succeeded, or is not tried any more.
 */
export class RepeatedFailures<What> {
  private readonly failing = new Set<What>();

  /** Logs a failure of `what`, with `fields`: the first at warn, the others at debug. */
  log(log: Log, what: What, message: string, fields: LogFields): void {
    log[this.failing.has(what) ? 'debug' : 'warn'](message, fields);
    this.failing.add(what);
  }

  succeeded(what: What): void {
    this.failing.delete(what);
  }

  /** Forgets all but these, which are still tried. */
  keepOnly(tried: ReadonlySet<What>): void {
    for (const what of this.failing) if (!tried.has(what)) this.failing.delete(what);
  }
}
