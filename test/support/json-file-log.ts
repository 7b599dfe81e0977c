import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** One entry of a log, and how it stands in a CRI log. */
export interface Entry {
  readonly text: string;
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
}

/** The line that a CRI log has for it. */
export function lineOf({ text, stream, time }: Entry): string {
  return text.endsWith('\n') ? `${time} ${stream} F ${text}` : `${time} ${stream} P ${text}\n`;
}

/** As Docker's json-file driver writes it: it escapes what Go escapes for HTML, and the two line separators. */
export function jsonOf({ text, stream, time }: Entry): string {
  const log = JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\[\\bf]/g, (escape) => ({ '\\b': '\\u0008', '\\f': '\\u000c' })[escape] ?? escape);
  return `{"log":${log},"stream":"${stream}","time":"${time}"}\n`;
}

/** A time of its own for each number, with as many digits as Docker writes. */
export function timeOf(number: number): string {
  const fraction = String(number).padStart(9, '0').replace(/0+$/, '');
  return `2026-01-02T03:04:05${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** A line with a number, and what comes after it; at a time of its own. */
export function anEntry(number: number, tail = ''): Entry {
  return { text: `line ${number}${tail}\n`, stream: 'stdout', time: timeOf(number) };
}

/** Writes and rotates a log as Docker's json-file driver does with `max-file`. */
export class JsonFileLog {
  constructor(
    readonly path: string,
    private readonly maxFiles: number,
  ) {
    mkdirSync(dirname(path), { recursive: true });
  }

  write(bytes: string): void {
    appendFileSync(this.path, bytes);
  }

  rotate(): void {
    if (!existsSync(this.path)) return;
    rmSync(`${this.path}.${this.maxFiles - 1}`, { force: true });
    for (let number = this.maxFiles - 1; number > 1; number -= 1) this.rename(`.${number - 1}`, `.${number}`);
    this.rename('', '.1');
    appendFileSync(this.path, '');
  }

  get fileCount(): number {
    return readdirSync(dirname(this.path)).length;
  }

  private rename(from: string, to: string): void {
    if (existsSync(this.path + from)) renameSync(this.path + from, this.path + to);
  }
}
