import type { OutputPosition } from '../store/log-offsets';

/** Entries of the two streams may stand in a log so much out of the order of their times, in nanoseconds. */
const DISORDER = 1_000_000_000n;

interface Mark {
  /** Nanoseconds since 1970. */
  readonly since: bigint;
  /** How many entries at or after `since` were read. */
  count: number;
}

/**
 * A place in a log that can only be asked for from a time on: that time, and how many of the entries from then on were
 * read. The time is chosen so long ago that no entry from before it will come any more.
 */
export class EngineMarks {
  private readonly mark: Mark | undefined;
  private current: Mark | undefined;
  private next: Mark | undefined;
  private latest = 0n;

  /** @param position to begin at, or undefined for the beginning of the log */
  constructor(position: OutputPosition | undefined) {
    if (position !== undefined) this.mark = { since: BigInt(position.at), count: position.offset };
    if (this.mark !== undefined) this.current = { since: this.mark.since, count: 0 };
  }

  /** What to ask the engine for, in seconds with nine decimals; undefined for everything. */
  get since(): string | undefined {
    if (this.mark === undefined) return undefined;
    const digits = String(this.mark.since).padStart(10, '0');
    return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }

  /** Counts an entry with this time, and answers whether it was read in an earlier life. */
  read(time: bigint): boolean {
    this.current ??= { since: time > DISORDER ? time - DISORDER : 0n, count: 0 };
    if (time > this.latest) this.latest = time;
    for (const mark of [this.current, this.next]) if (mark !== undefined && time >= mark.since) mark.count += 1;
    const wasRead = time >= this.current.since && this.current.count <= this.countRead(this.current);
    if (!wasRead) this.moveOn(time);
    return wasRead;
  }

  /** Stays as it was until all that was read in an earlier life has come again. */
  get position(): OutputPosition | undefined {
    const { current } = this;
    return current && { at: String(current.since), offset: Math.max(current.count, this.countRead(current)) };
  }

  /** How many entries from a mark's time on were read in an earlier life. */
  private countRead({ since }: Mark): number {
    return this.mark?.since === since ? this.mark.count : 0;
  }

  private moveOn(time: bigint): void {
    if (this.next !== undefined && time > this.next.since + DISORDER) {
      this.current = this.next;
      this.next = undefined;
    }
    this.next ??= { since: this.latest + 1n, count: 0 };
  }
}
