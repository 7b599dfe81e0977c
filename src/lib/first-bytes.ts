/** How much room there is at first, in bytes: most outputs are shorter. */
const FIRST_ROOM = 4 * 1024;

/**
 * The first bytes of an output, up to a bound. They are copied into one buffer: many small parts that are kept apart
 * would take a hundred times the memory.
 */
export class FirstBytes {
  private kept = Buffer.alloc(0);
  private length = 0;

  /** @param most bytes that are kept */
  constructor(private readonly most: number) {}

  /** Keeps what there is room for; false when that is not all. */
  add(part: Buffer): boolean {
    const taken = Math.min(part.length, this.most - this.length);
    this.makeRoom(this.length + taken);
    part.copy(this.kept, this.length, 0, taken);
    this.length += taken;
    return taken === part.length;
  }

  bytes(): Buffer {
    return this.kept.subarray(0, this.length);
  }

  /** At least twice as much as before, so that each byte is moved but a few times. */
  private makeRoom(needed: number): void {
    if (needed <= this.kept.length) return;
    const room = Math.min(this.most, Math.max(needed, this.kept.length * 2, FIRST_ROOM));
    const larger = Buffer.allocUnsafe(room);
    this.kept.copy(larger, 0, 0, this.length);
    this.kept = larger;
  }
}
