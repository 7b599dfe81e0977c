import type { OutputPosition } from '../store/log-offsets';

/** Entries of the two streams may stand in a log so much out of the order of their times, in nanoseconds. */
const DISORDER = 1_000_000_000n;
/**
 * Marks are whole microseconds: Docker's journald reader cuts off what is below, and would tell entries from before the
 * mark.
 */
const MICROSECOND = 1_000n;

interface Mark {
  /** Nanoseconds since 1970. */
  readonly since: bigint;
  /** How many entries at or after `since` were read in an earlier life. */
  readonly before: number;
  /** How many of them the engine has told in this life. */
  count: number;
}

/**
 * A place in a log that can only be asked for from a time on: that time, and how many of the entries from then on were
 * read. The time is chosen so long ago that no entry from before it will come any more.
 */
export class EngineMarks {
  /** What to ask the engine for, in seconds with nine decimals; undefined for everything. */
  readonly since: string | undefined;
  private current: Mark | undefined;
  private next: Mark | undefined;
  private latest = 0n;

  /** @param position to begin at, or undefined for the beginning of the log */
  constructor(position: OutputPosition | undefined) {
    if (position === undefined) return;
    this.current = { since: BigInt(position.at), before: position.offset, count: 0 };
    const digits = position.at.padStart(10, '0');
    this.since = `${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }

  /** Counts an entry with this time, and answers whether it was read in an earlier life. */
  read(time: bigint): boolean {
    const known = this.current;
    const current = known === undefined || time < known.since ? this.markBefore(time) : known;
    if (time > this.latest) this.latest = time;
    current.count += 1;
    if (this.next !== undefined && time >= this.next.since) this.next.count += 1;
    const wasRead = current.count <= current.before;
    if (!wasRead) this.moveOn(time);
    return wasRead;
  }

  /** Stays as it was until all that was read in an earlier life has come again. */
  get position(): OutputPosition | undefined {
    const { current } = this;
    return current && { at: String(current.since), offset: Math.max(current.count, current.before) };
  }

  /**
   * For the first entry, and for one from after the clock was set back: asked from the mark that it had, the engine would
   * keep it. How many entries from before are as late is not known, only that these are some: the others may be read
   * twice when the engine is asked again, and none is lost.
   */
  private markBefore(time: bigint): Mark {
    const since = time > DISORDER ? wholeMicroseconds(time - DISORDER) : 0n;
    this.current = { since, before: 0, count: this.current?.count ?? 0 };
    this.next = undefined;
    return this.current;
  }

  private moveOn(time: bigint): void {
    if (this.next !== undefined && time > this.next.since + DISORDER) {
      this.current = this.next;
      this.next = undefined;
    }
    this.next ??= { since: wholeMicroseconds(this.latest) + MICROSECOND, before: 0, count: 0 };
  }
}

function wholeMicroseconds(time: bigint): bigint {
  return time - (time % MICROSECOND);
}
