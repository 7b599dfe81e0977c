import type { Readable } from 'node:stream';

/** What a part costs besides its bytes, so that many tiny ones cannot take more memory than they count. */
const PART_COST = 512;

/**
 * What has arrived for a reader that has not asked for it yet. It is to be the reader's only buffer (a high-water mark of
 * 1), as it is the one that is counted.
 */
export class Inbox {
  private readonly parts: Buffer[] = [];
  private wanted = false;
  private complete = false;
  private bytes = 0;

  /** @param onChange hears how many bytes more are held; negative: fewer. */
  constructor(
    private readonly reader: Readable,
    private readonly onChange: (bytes: number) => void,
  ) {}

  /** What it holds, in bytes, with the cost of the parts. */
  get held(): number {
    return this.bytes;
  }

  /** Takes a part that is not empty. Nothing is expected after the end. */
  receive(part: Buffer): void {
    if (this.wanted) return this.offer(part);
    this.parts.push(part);
    this.change(part.length + PART_COST);
  }

  /** Nothing comes after what has been received. */
  end(): void {
    this.complete = true;
    if (this.parts.length === 0) this.reader.push(null);
  }

  /** The reader's `_read`. */
  read(): void {
    this.wanted = true;
    while (this.wanted) {
      const part = this.parts.shift();
      if (part === undefined) return;
      this.change(-(part.length + PART_COST));
      this.offer(part);
      if (this.complete && this.parts.length === 0) this.reader.push(null);
    }
  }

  /** The reader is gone. */
  clear(): void {
    this.parts.length = 0;
    if (this.bytes > 0) this.change(-this.bytes);
  }

  /** Hands a part to the reader, who may ask for the next one meanwhile. */
  private offer(part: Buffer): void {
    this.wanted = false;
    if (this.reader.push(part)) this.wanted = true;
  }

  private change(bytes: number): void {
    this.bytes += bytes;
    this.onChange(bytes);
  }
}
