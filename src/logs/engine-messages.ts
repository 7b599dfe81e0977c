import { frameHead, HEADER_LENGTH, type OutputStream } from '../docker/demultiplexer';
import { fromRfc3339 } from '../lib/time';

/** One entry of a log as the engine's API tells it. Its text has one sign for each byte: it's written as it came. */
export interface EngineMessage {
  readonly stream: OutputStream;
  /** RFC 3339 with nanoseconds, in the engine's time zone; empty for what the engine says of an error of its own. */
  readonly time: string;
  /** The same in nanoseconds since 1970. */
  readonly at: bigint;
  /** With its newline, unless Docker has cut the line here. */
  readonly text: string;
}

const NEWLINE = 0x0a;
/** Docker cuts lines here, in bytes, */
const USUAL_CUT = 16 * 1024;
/** and those for Amazon's CloudWatch here. No driver takes longer ones. */
const LONGEST_CUT = 256 * 1024 - 26;
/** `2006-01-02T15:04:05.999999999+07:00 ` */
const LONGEST_TIME = 36;
/** Of an entry with its time and newline, in bytes. */
const LONGEST_ENTRY = LONGEST_TIME + LONGEST_CUT + 1;
const BEGINS_WITH_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) /;

/**
 * Takes the answer to a question for logs apart: frames (docker/demultiplexer.ts) with one entry in each; of a container
 * with a terminal, the entries one after the other, where a cut line is told only by its length.
 */
export class EngineMessages {
  private pending: Buffer = Buffer.alloc(0);

  constructor(private readonly tty: boolean) {}

  push(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
  }

  /** The next whole entry; undefined when more must come first. @throws Error on bytes that are no log */
  next(): EngineMessage | undefined {
    return this.tty ? this.nextOfTerminal() : this.nextFrame();
  }

  /** The last entry of a terminal, when it was cut at the very end. */
  rest(): EngineMessage | undefined {
    return this.tty && this.pending.length > 0 ? this.takeOfTerminal(this.pending.length) : undefined;
  }

  private nextFrame(): EngineMessage | undefined {
    if (this.pending.length < HEADER_LENGTH) return undefined;
    const { stream, length } = frameHead(this.pending);
    if (length > LONGEST_ENTRY) throw new Error(`not a log: an entry of ${length} bytes`);
    const end = HEADER_LENGTH + length;
    if (this.pending.length < end) return undefined;
    const entry = this.pending.toString('latin1', HEADER_LENGTH, end);
    this.pending = this.pending.subarray(end);
    return message(stream, entry);
  }

  private nextOfTerminal(): EngineMessage | undefined {
    const newline = this.pending.indexOf(NEWLINE);
    const end = newline < 0 ? this.pending.length : newline;
    const time = this.pending.indexOf(' ') + 1;
    for (const cut of [time + USUAL_CUT, time + LONGEST_CUT]) {
      if (time > 0 && cut < end && this.beginsAt(cut)) return this.takeOfTerminal(cut);
    }
    if (end > LONGEST_ENTRY + LONGEST_TIME) throw new Error(`not a log: ${end} bytes without an end`);
    return newline < 0 ? undefined : this.takeOfTerminal(newline + 1);
  }

  private beginsAt(place: number): boolean {
    return BEGINS_WITH_TIME.test(this.pending.toString('latin1', place, place + LONGEST_TIME));
  }

  private takeOfTerminal(end: number): EngineMessage {
    const entry = this.pending.toString('latin1', 0, end);
    this.pending = this.pending.subarray(end);
    return message('stdout', entry);
  }
}

/**
 * What has no time is the engine's own: of a container with a terminal it comes in plain text. Docker cuts lines at two
 * lengths only: a part of another length is a line's last, whose newline Docker 20.10 forgets.
 */
function message(stream: OutputStream, entry: string): EngineMessage {
  const space = entry.indexOf(' ');
  const time = entry.slice(0, space);
  const at = stream === 'error' ? 0n : fromRfc3339(time);
  if (at === 0n) return { stream: 'error', time: '', at, text: entry };
  const text = entry.slice(space + 1);
  const isCut = text.length === USUAL_CUT || text.length === LONGEST_CUT;
  return { stream, time, at, text: isCut || text.endsWith('\n') ? text : `${text}\n` };
}
