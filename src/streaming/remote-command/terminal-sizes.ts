import type { TerminalSize } from '../remote-command';

/** The longest text of one size; a real one has some 40 characters. */
const LONGEST_SIZE = 1024;
const LARGEST = 65_535;

/**
 * The sizes that a client sends for its terminal: JSON objects one after the other, cut anywhere. Only the newest counts
 * when the reader is slower; sizes that no terminal has (clients send 0 × 0 before they know theirs) are left out.
 */
export class TerminalSizes implements AsyncIterable<TerminalSize> {
  private text = '';
  private newest: TerminalSize | undefined;
  private ended = false;
  private wake: () => void = () => undefined;

  push(bytes: Buffer): void {
    this.text += bytes.toString('latin1');
    for (let end = this.text.indexOf('}'); end >= 0; end = this.text.indexOf('}')) {
      this.newest = parseSize(this.text.slice(0, end + 1)) ?? this.newest;
      this.text = this.text.slice(end + 1);
    }
    // What is so long without an end is no size, nor is what follows it.
    this.text = this.text.slice(-LONGEST_SIZE);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** For one reader. */
  async *[Symbol.asyncIterator](): AsyncIterator<TerminalSize> {
    while (!this.ended) {
      const size = this.newest;
      this.newest = undefined;
      if (size !== undefined) yield size;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    return isExtent(width) && isExtent(height) ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

function isExtent(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LARGEST;
}
