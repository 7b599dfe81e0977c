/** What the time is, which the host may be told anew at any moment, and how much of it has passed, which goes on evenly. */
export interface Clock {
  /** Milliseconds since 1970: for who reads the time. */
  readonly now: () => number;
  /** Milliseconds since some moment: for ages and rates. */
  readonly passed: () => number;
}

export const HOST_CLOCK: Clock = { now: () => Date.now(), passed: () => performance.now() };
