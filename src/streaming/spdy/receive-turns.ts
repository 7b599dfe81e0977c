/** What is received on all connections together, in bytes, before others have their turn. */
const TURN = 256 * 1024;

/**
 * Shares the turns of the event loop out among the connections of a server. A connection takes part in those in which it
 * receives something, so that one by itself has the whole turn, and many together keep others waiting hardly longer.
 */
export class ReceiveTurns {
  private readonly takers = new Set<object>();
  private lastTakers = 0;

  /** What the taker may receive in this turn, in bytes. */
  share(taker: object): number {
    if (this.takers.size === 0) setImmediate(() => this.next());
    this.takers.add(taker);
    return TURN / Math.max(this.takers.size, this.lastTakers);
  }

  private next(): void {
    this.lastTakers = this.takers.size;
    this.takers.clear();
  }
}
