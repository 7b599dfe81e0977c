import { hasColours, type Output } from '../output';
import type { Style } from './table';

const CODES: Readonly<Record<Style, string>> = { head: '2', pod: '1', good: '32', bad: '31', faint: '2', plain: '' };

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';

export function painter(output: Output, env: NodeJS.ProcessEnv): (style: Style, text: string) => string {
  const colours = hasColours(output, env);
  return (style, text) => {
    const code = CODES[style];
    return colours && code !== '' && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;
  };
}

/** What is shown again and again: in place on a terminal, one text after the other elsewhere. */
export class Screen {
  constructor(private readonly output: Output) {}

  open(): void {
    if (this.output.isTTY) this.output.write(ENTER);
  }

  /** Lines that do not fit are counted, not scrolled to: the first ones are those that people look for. */
  show(lines: readonly string[]): void {
    if (!this.output.isTTY) {
      this.output.write(`${lines.join('\n')}\n\n`);
      return;
    }
    const rows = this.output.rows ?? lines.length;
    const tooMany = lines.length > rows;
    const shown = tooMany ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines;
    this.output.write(HOME + shown.map((line) => line + REST_OF_LINE).join('\r\n') + REST_OF_SCREEN);
  }

  close(): void {
    if (this.output.isTTY) this.output.write(LEAVE);
  }
}
