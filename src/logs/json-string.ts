const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const U = 0x75;

/** What the letter after a backslash stands for, by its code; 0 where it stands for nothing. */
const ESCAPES = escapes({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' });

function escapes(table: Readonly<Record<string, string>>): Uint8Array {
  const codes = new Uint8Array(256);
  for (const [letter, meant] of Object.entries(table)) codes[letter.charCodeAt(0)] = meant.charCodeAt(0);
  return codes;
}

/** Copies JSON strings out of one piece of text as UTF-8. */
export class JsonStrings {
  /** Where the last string ended: the place of its closing quote in the input. */
  end = 0;
  /** How many escapes of the last string were newlines. */
  newlines = 0;
  /** The first backslash at or after `end`, or the length of the text: it's not looked for again before it is passed. */
  private backslash = -1;
  /** What the last escape came to, in bytes. */
  private written = 0;

  constructor(
    private readonly input: Buffer,
    private readonly length: number,
    private readonly output: Buffer,
  ) {}

  /**
   * Copies the rest of the string that goes on at `from`, escapes resolved, to `into` in the output. Answers the place
   * after the last byte written; -1 when there is no closing quote, an escape means nothing, or half a surrogate pair
   * stands alone.
   */
  copy(from: number, into: number): number {
    let at = from;
    let to = into;
    let quote = this.find(QUOTE, at);
    this.newlines = 0;
    for (;;) {
      if (this.backslash < at) this.backslash = this.find(BACKSLASH, at);
      const stop = Math.min(quote, this.backslash);
      if (stop === this.length) return -1;
      if (stop > at) this.input.copy(this.output, to, at, stop);
      to += stop - at;
      at = stop;
      if (at === quote) {
        this.end = at;
        return to;
      }
      const used = this.escape(at, to);
      if (used === 0) return -1;
      at += used;
      to += this.written;
      // An escaped quote ends nothing.
      if (quote < at) quote = this.find(QUOTE, at);
    }
  }

  /** Resolves the escape at `at`; answers its length, 0 when it means nothing, and leaves that of its meaning. */
  private escape(at: number, to: number): number {
    if (at + 1 >= this.length) return 0;
    const letter = this.input[at + 1] as number;
    if (letter !== U) {
      const meant = ESCAPES[letter] as number;
      this.output[to] = meant;
      this.written = 1;
      if (meant === NEWLINE) this.newlines += 1;
      return meant === 0 ? 0 : 2;
    }
    const text = unicodeEscape(this.input.toString('latin1', at, Math.min(at + 12, this.length)));
    this.written = this.output.write(text, to);
    return 6 * text.length;
  }

  private find(byte: number, from: number): number {
    const found = this.input.indexOf(byte, from);
    return found < 0 || found > this.length ? this.length : found;
  }
}

/** The character that `\uXXXX` at the beginning, or a surrogate pair of two of them, stands for; empty for none. */
function unicodeEscape(text: string): string {
  const [, first, second] = /^\\u([0-9a-fA-F]{4})(?:\\u([0-9a-fA-F]{4}))?/.exec(text) ?? [];
  if (first === undefined) return '';
  const unit = Number.parseInt(first, 16);
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  const low = Number.parseInt(second ?? '', 16);
  return unit <= 0xdbff && low >= 0xdc00 && low <= 0xdfff ? String.fromCharCode(unit, low) : '';
}
