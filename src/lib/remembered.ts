/** More than the containers, or pods, of any node. */
const MOST = 4096;

/** What is kept of each container, or pod, from one look to the next. The oldest entry goes when there are too many. */
export class Remembered<T> {
  private readonly entries = new Map<string, T>();

  get(id: string): T | undefined {
    return this.entries.get(id);
  }

  set(id: string, value: T): void {
    this.entries.set(id, value);
    if (this.entries.size <= MOST) return;
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }

  delete(id: string): void {
    this.entries.delete(id);
  }

  /** Forgets everything about all others: they are gone. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.entries.keys()) if (!ids.has(id)) this.entries.delete(id);
  }

  get size(): number {
    return this.entries.size;
  }
}
