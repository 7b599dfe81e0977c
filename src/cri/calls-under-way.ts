/**
 * The calls that are being carried out. One that lost its client is still among them: it undoes what it half made, or
 * kills what it started, after the connection has gone.
 */
export class CallsUnderWay {
  private readonly calls = new Set<Promise<void>>();
  private begun = 0;

  /** A number for the log, another for each call. */
  nextId(): number {
    this.begun += 1;
    return this.begun;
  }

  /** @param call never rejects */
  add(call: Promise<void>): void {
    this.calls.add(call);
    void call.finally(() => this.calls.delete(call));
  }

  /** Waits until those that were added so far have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.calls);
  }
}
