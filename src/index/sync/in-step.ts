import { pause, type CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import { FreshRuns } from '../../lib/fresh-runs';
import { untilEnded } from '../../lib/until-ended';

/** The first and the longest pause after a comparison that failed while events flow, in milliseconds. */
const COMPARE_AGAIN_MS = { first: 1_000, longest: 8_000 };
const ALL = '';

/**
 * Whether what is remembered of Docker is what Docker would answer.
 *
 *                events flow           compared
 *   out of step ─────────────▶ flowing ────────▶ in step
 *        ▲                        │ ▲               │
 *        │                        │ └── missed ─────┤
 *        └────────────────────────┴─── they break ──┘
 *
 * missed: the comparison failed that was to show a change.
 * INVARIANT: while events flow and it is not in step, one loop compares until that succeeds.
 */
export class InStep {
  private readonly comparisons: FreshRuns;
  private connections = 0;
  /** The context of who follows the events, while they flow. */
  private flow: CallContext | undefined;
  private compared = false;

  /** `compare` asks Docker for everything and settles within a bound. */
  constructor(compare: () => Promise<void>) {
    this.comparisons = new FreshRuns(compare);
  }

  get isReached(): boolean {
    return this.compared;
  }

  /** Changes whenever events begin to flow or break. */
  get connection(): number {
    return this.connections;
  }

  /** Nothing is missed from now on: compares with Docker until that succeeds or the events break. Never throws. */
  async onEventsFlow(ctx: CallContext): Promise<void> {
    this.connections += 1;
    this.flow = ctx;
    await this.catchUp(ctx);
  }

  /** Something may be missed from now on. */
  onEventsBreak(): void {
    this.connections += 1;
    this.flow = undefined;
    this.compared = false;
  }

  /** A comparison that begins after now. @throws ShimError when Docker can't be compared with */
  compareAgain(): Promise<void> {
    return this.comparisons.run(ALL);
  }

  /**
   * The same for a change that only a comparison shows. When it fails, what is remembered is known to be out of date:
   * out of step until another one succeeds, which this doesn't wait for.
   */
  async compareAfterChange(): Promise<void> {
    try {
      await this.compareAgain();
    } catch (error) {
      this.miss();
      throw error;
    }
  }

  /**
   * To be called before each read. In step it returns at once; out of step it waits for a comparison that begins now.
   * @throws ShimError when Docker can't be compared with, or the context ends
   */
  async reach(ctx: CallContext): Promise<void> {
    if (this.compared) return;
    // What comes after the beginning of one under way is told by events, if they flow.
    const underWay = this.flow !== undefined ? this.comparisons.current(ALL) : undefined;
    await untilEnded(ctx, underWay ?? this.comparisons.run(ALL));
  }

  private miss(): void {
    if (!this.compared || this.flow === undefined) return;
    this.compared = false;
    void this.catchUp(this.flow);
  }

  private async catchUp(ctx: CallContext): Promise<void> {
    const { connection } = this;
    let wait = COMPARE_AGAIN_MS.first;
    while (this.connection === connection && !this.compared) {
      try {
        await this.comparisons.run(ALL);
        if (this.connection === connection) this.compared = true;
      } catch (error) {
        ctx.log.debug('docker could not be compared with', { error: messageOf(error) });
        await pause(ctx, wait).catch(() => undefined);
        wait = Math.min(2 * wait, COMPARE_AGAIN_MS.longest);
      }
    }
  }
}
