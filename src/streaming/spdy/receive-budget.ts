/** What one stream may have waiting for its reader, in bytes, before the connection stops reading. */
export const STREAM_BUDGET = 1024 * 1024;

/** What all streams of a connection may have waiting together. */
export const CONNECTION_BUDGET = 16 * 1024 * 1024;

/** Counts what has been received and not been read yet. Kubernetes' clients know no flow control that could bound it. */
export class ReceiveBudget {
  /** INVARIANT: only streams that hold something are here. */
  private readonly held = new Map<number, number>();
  private total = 0;
  private full = 0;

  /** Whether nothing more should be read from the connection for now. */
  get spent(): boolean {
    return this.full > 0 || this.total >= CONNECTION_BUDGET;
  }

  /** `bytes` is negative for what has been read or thrown away. */
  change(streamId: number, bytes: number): void {
    const before = this.held.get(streamId) ?? 0;
    const after = before + bytes;
    if (after === 0) this.held.delete(streamId);
    else this.held.set(streamId, after);
    this.total += bytes;
    this.full += Number(after >= STREAM_BUDGET) - Number(before >= STREAM_BUDGET);
  }

  /** The stream that holds most. */
  largest(): number | undefined {
    let largest: number | undefined;
    for (const [streamId, bytes] of this.held) {
      if (largest === undefined || bytes > (this.held.get(largest) ?? 0)) largest = streamId;
    }
    return largest;
  }
}
