/**
 * More label combinations than this of one metric are counted under `other`: what a client sends must not be able to
 * fill the memory.
 */
const MAX_SERIES = 500;

/** What Prometheus' text format, version 0.0.4, needs of each metric. */
export interface Instrument {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The samples as lines, without an end of line. */
  lines(): string[] | Promise<string[]>;
}

/** The values of one series, in the order of the metric's label names. */
export type LabelValues = readonly string[];

/** How often something happened while the process lives. */
export class Counter implements Instrument {
  readonly type = 'counter';
  private readonly series: Series<{ sum: number }>;

  constructor(
    readonly name: string,
    readonly help: string,
    readonly labels: readonly string[],
  ) {
    this.series = new Series(labels, () => ({ sum: 0 }));
  }

  add(values: LabelValues): void {
    this.series.of(values).sum += 1;
  }

  lines(): string[] {
    return this.series.all().map(([values, { sum }]) => `${this.name}${labelled(this.labels, values)} ${sum}`);
  }
}

/** How often something took how long, in seconds: cumulative buckets, as Prometheus wants them. */
export class Histogram implements Instrument {
  readonly type = 'histogram';
  private readonly series: Series<{ counts: number[]; sum: number }>;

  /** @param bounds the buckets' upper ends in seconds, ascending; the last one without an end is added. */
  constructor(
    readonly name: string,
    readonly help: string,
    readonly labels: readonly string[],
    private readonly bounds: readonly number[],
  ) {
    this.series = new Series(labels, () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  }

  observe(values: LabelValues, seconds: number): void {
    const series = this.series.of(values);
    const reached = this.bounds.findIndex((bound) => seconds <= bound);
    const bucket = reached < 0 ? this.bounds.length : reached;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += seconds;
  }

  lines(): string[] {
    return this.series.all().flatMap(([values, { counts, sum }]) => {
      let below = 0;
      const buckets = counts.map((count, index) => {
        below += count;
        const le = this.bounds[index] ?? '+Inf';
        return `${this.name}_bucket${labelled([...this.labels, 'le'], [...values, String(le)])} ${below}`;
      });
      const own = labelled(this.labels, values);
      return [...buckets, `${this.name}_sum${own} ${sum}`, `${this.name}_count${own} ${below}`];
    });
  }
}

export type Samples = Iterable<readonly [values: LabelValues, value: number]>;

/** What is known elsewhere, and is asked only when somebody scrapes. */
export class Reading implements Instrument {
  /** @param read the samples now; a value that isn't a number leaves its sample out. Must not fail. */
  constructor(
    readonly type: 'counter' | 'gauge',
    readonly name: string,
    readonly help: string,
    readonly labels: readonly string[],
    private readonly read: () => Samples | Promise<Samples>,
  ) {}

  async lines(): Promise<string[]> {
    return [...(await this.read())]
      .filter(([, value]) => Number.isFinite(value))
      .map(([values, value]) => `${this.name}${labelled(this.labels, values)} ${value}`);
  }
}

/** The series of one metric by their label values, bounded. */
class Series<T> {
  private readonly byKey = new Map<string, readonly [LabelValues, T]>();

  constructor(
    private readonly labels: readonly string[],
    private readonly make: () => T,
  ) {}

  of(values: LabelValues): T {
    const key = values.join('\u0000');
    const known = this.byKey.get(key);
    if (known !== undefined) return known[1];
    if (this.byKey.size >= MAX_SERIES) return this.other();
    const made = this.make();
    this.byKey.set(key, [values, made]);
    return made;
  }

  all(): (readonly [LabelValues, T])[] {
    return [...this.byKey.values()];
  }

  private other(): T {
    const values = this.labels.map(() => 'other');
    const key = values.join('\u0000');
    const [, made] = this.byKey.get(key) ?? [values, this.make()];
    this.byKey.set(key, [values, made]);
    return made;
  }
}

function labelled(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
