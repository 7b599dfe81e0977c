import type { Clock } from './clock';
import { fromMilliseconds } from './time';

/** By both of a clock's times, in nanoseconds: two of them are as far apart by the one as by the other, unless it was set. */
export interface Moment {
  /** Since 1970. */
  readonly now: bigint;
  readonly passed: bigint;
}

const NANOSECONDS_IN_MILLISECOND = 1e6;
/** Milliseconds. Further apart, the clock was set; closer, its two times were only looked at one after the other. */
const SET = 50;

/** Moments of a clock whose time of day is in whole milliseconds, as JavaScript has it. */
export class Moments {
  /** From what has passed to the time of day, in whole milliseconds; not a number before the first moment. */
  private ahead = NaN;

  constructor(private readonly clock: Clock) {}

  take(): Moment {
    const passed = this.clock.passed();
    const ahead = Math.floor(this.clock.now() - passed);
    if (!(Math.abs(ahead - this.ahead) < SET)) this.ahead = ahead;
    const nanoseconds = BigInt(Math.trunc(passed * NANOSECONDS_IN_MILLISECOND));
    return { now: fromMilliseconds(this.ahead) + nanoseconds, passed: nanoseconds };
  }
}
