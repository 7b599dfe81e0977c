import type { TerminalSize } from '../remote-command';

/** The longest text of one size, in bytes; a real one has some 40. */
const LONGEST_SIZE = 1024;
const LARGEST = 65_535;

/** The JSON of a size: an object of numbers, with nothing nested. */
const OBJECT = /\{[^{}]*\}/g;
const WIDTH = /"Width"\s*:\s*(\d+)\s*[,}]/;
const HEIGHT = /"Height"\s*:\s*(\d+)\s*[,}]/;

/**
 * The sizes that a client sends for its terminal: JSON objects one after the other, cut anywhere. Only the newest counts
 * when the reader is slower; sizes that no terminal has (clients send 0 × 0 before they know theirs) are left out.
 */
export class TerminalSizes implements AsyncIterable<TerminalSize> {
  private text = '';
  private newest: TerminalSize | undefined;
  private ended = false;
  private wake: () => void = () => undefined;

  /** The end of the bytes alone is read, as it has the newest size: a message costs the same however long it is. */
  push(bytes: Buffer): void {
    const tail = bytes.toString('latin1', Math.max(0, bytes.length - LONGEST_SIZE));
    const text = (this.text + tail).slice(-LONGEST_SIZE);
    for (const [object] of text.matchAll(OBJECT)) this.newest = readSize(object) ?? this.newest;
    this.text = text.slice(text.lastIndexOf('}') + 1);
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

/** Without JSON.parse: its exceptions cost more than all else here, and the client decides how many there are. */
function readSize(object: string): TerminalSize | undefined {
  const width = extent(WIDTH.exec(object));
  const height = extent(HEIGHT.exec(object));
  return width !== undefined && height !== undefined ? { width, height } : undefined;
}

function extent(found: RegExpExecArray | null): number | undefined {
  const value = Number(found?.[1] ?? 0);
  return value >= 1 && value <= LARGEST ? value : undefined;
}
