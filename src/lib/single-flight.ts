import type { CallContext } from './call-context';
import { ShimError } from './errors';
import { untilEnded } from './until-ended';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Identical requests share one piece of work. Each caller may leave when its own context ends; the work is cancelled
 * when the last of them has left.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Flight<T>>();

  /** Joins the work under `key`, or starts it. The log of the first caller is the log of the work. */
  async run(ctx: CallContext, key: string, work: (ctx: CallContext) => Promise<T>): Promise<T> {
    const flight = this.flights.get(key) ?? this.start(ctx, key, work);
    flight.waiting += 1;
    try {
      return await untilEnded(ctx, flight.result);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        // The last one leaves: a call that comes now starts anew instead of joining work that is being cancelled.
        this.flights.delete(key);
        flight.controller.abort(new ShimError('Cancelled', 'every caller has left'));
      }
    }
  }

  get size(): number {
    return this.flights.size;
  }

  private start(ctx: CallContext, key: string, work: (ctx: CallContext) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = work({ signal: controller.signal, log: ctx.log });
    result.catch(() => undefined);
    const flight: Flight<T> = { result, controller, waiting: 0 };
    this.flights.set(key, flight);
    return flight;
  }
}
