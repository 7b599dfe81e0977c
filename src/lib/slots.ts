/**
 * Runs at most so many pieces of work side by side. One that takes longer than the patience gives up its slot and goes
 * on, so that work that hangs holds up no other.
 */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  /** How much may wait is for the owner to bound. */
  constructor(
    private readonly count: number,
    private readonly patienceMs: number,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.taken < this.count) this.taken += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    const slot = { held: true };
    const release = (): void => {
      if (slot.held) this.free();
      slot.held = false;
    };
    const timer = setTimeout(release, this.patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** Hands the slot on to who waits longest. */
  private free(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
