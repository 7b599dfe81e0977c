import { Remembered } from '../lib/remembered';

/** A reading of a CPU time counter; both in nanoseconds. */
interface CpuReading {
  /** By the clock of what has passed. */
  readonly at: bigint;
  readonly usage: bigint;
}

const SECOND = 1_000_000_000n;
/** Over less time than this the rate is noise. */
const SHORTEST_WINDOW = SECOND;
/** What was used longer ago is not the present. */
const LONGEST_WINDOW = 300n * SECOND;

/**
 * CPU use as a rate, from one reading to the next. Several clients read at intervals of their own, so a reading that
 * follows too closely on another is compared with the one before that.
 * INVARIANT: `last` is at least SHORTEST_WINDOW after `previous`.
 */
export class CpuRates {
  private readonly known = new Remembered<{ last: CpuReading; previous: CpuReading | undefined }>();

  /**
   * Nano-cores; undefined at the first reading, after a restart of the counter and where the last reading is too old.
   * @param at what has passed (lib/moments.ts); by the time of day, a clock that is set would be taken for use.
   * @param usage undefined where the kernel does not count it
   */
  rate(id: string, at: bigint, usage: bigint | undefined): bigint | undefined {
    if (usage === undefined) return undefined;
    const reading = { at, usage };
    const known = this.known.get(id);
    if (known === undefined || !follows(reading, known.last)) {
      this.known.set(id, { last: reading, previous: undefined });
      return undefined;
    }
    const { last, previous } = known;
    if (reading.at - last.at < SHORTEST_WINDOW) return previous && between(previous, reading);
    this.known.set(id, { last: reading, previous: last });
    return between(last, reading);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    this.known.keepOnly(ids);
  }
}

function follows(reading: CpuReading, last: CpuReading): boolean {
  const window = reading.at - last.at;
  return window >= 0n && window <= LONGEST_WINDOW && reading.usage >= last.usage;
}

function between(from: CpuReading, to: CpuReading): bigint {
  return ((to.usage - from.usage) * SECOND) / (to.at - from.at);
}
