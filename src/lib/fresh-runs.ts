interface Runs {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Work of which only the newest result counts, by key. Whoever asks gets a run that begins after the question; those who
 * ask while one is under way share the next.
 * INVARIANT: a key is held only while it runs, and then has at most two runs: one under way and one that waits.
 */
export class FreshRuns {
  private readonly runs = new Map<string, Runs>();

  /** `work` settles by itself, within a bound. */
  constructor(private readonly work: (key: string) => Promise<void>) {}

  /** A run that begins now or later. Rejects with the failure of the work. */
  run(key: string): Promise<void> {
    const runs = this.runs.get(key);
    if (runs === undefined) return this.begin(key);
    runs.next ??= runs.running.catch(() => undefined).then(() => this.begin(key));
    return runs.next;
  }

  /** The run under way, if there is one: it may have begun before the question. */
  current(key: string): Promise<void> | undefined {
    return this.runs.get(key)?.running;
  }

  /** The last run that has been asked for, under way or waiting. */
  last(key: string): Promise<void> | undefined {
    const runs = this.runs.get(key);
    return runs?.next ?? runs?.running;
  }

  private begin(key: string): Promise<void> {
    const running = this.work(key);
    const runs: Runs = { running, next: undefined };
    this.runs.set(key, runs);
    const end = (): void => {
      if (runs.next === undefined) this.runs.delete(key);
    };
    running.then(end, end);
    return running;
  }
}
