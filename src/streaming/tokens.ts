import { randomBytes } from 'node:crypto';
import { ShimError } from '../lib/errors';

/** 128 bits: not to be guessed within a minute, nor ever. */
const TOKEN_BYTES = 16;
/** How long a URL is good for, in milliseconds. Clients use it at once. */
const LIFETIME_MS = 60_000;
/** How many URLs may wait for their clients. */
export const MOST_WAITING = 1000;

interface Waiting<T> {
  readonly what: T;
  readonly until: number;
}

/**
 * What each URL that was given out stands for. A token is good once, for a minute.
 * INVARIANT: at most MOST_WAITING entries, in the order of their expiry; the expired ones go when the next one comes or
 * when the timer of the oldest rings.
 */
export class Tokens<T> {
  private readonly waiting = new Map<string, Waiting<T>>();
  private timer: NodeJS.Timeout | undefined;

  /** `now` is a clock that never goes back, in milliseconds. */
  constructor(private readonly now: () => number) {}

  /** @throws ShimError ResourceExhausted when too many wait to be used. */
  issue(what: T): string {
    this.forgetExpired();
    if (this.waiting.size >= MOST_WAITING) {
      throw new ShimError(
        'ResourceExhausted',
        `${MOST_WAITING} streaming requests wait for their clients: try again in a minute`,
      );
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.waiting.set(token, { what, until: this.now() + LIFETIME_MS });
    this.timer ??= this.ring(LIFETIME_MS);
    return token;
  }

  /** What the token stands for, this one time. Undefined when it was used, has expired, or never was. */
  redeem(token: string): T | undefined {
    const found = this.waiting.get(token);
    this.waiting.delete(token);
    return found !== undefined && found.until > this.now() ? found.what : undefined;
  }

  clear(): void {
    this.waiting.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private ring(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.forgetExpired();
      const [oldest] = this.waiting.values();
      this.timer = oldest === undefined ? undefined : this.ring(Math.max(1, oldest.until - this.now()));
    }, ms).unref();
  }

  private forgetExpired(): void {
    for (const [token, { until }] of this.waiting) {
      if (until > this.now()) return;
      this.waiting.delete(token);
    }
  }
}
