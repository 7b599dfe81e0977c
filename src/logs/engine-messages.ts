import { frameHead, HEADER_LENGTH, type OutputStream } from '../docker/demultiplexer';

/** One entry of a log as the engine's API tells it. */
export interface EngineMessage {
  readonly stream: OutputStream;
  /** RFC 3339 with nanoseconds, in the engine's time zone; empty for what the engine says of an error of its own. */
  readonly time: string;
  /** With its newline, unless Docker has cut the line here. */
  readonly text: string;
}

const NEWLINE = 0x0a;
/** Docker cuts lines here. */
const LONGEST_TEXT = 16 * 1024;
/** `2006-01-02T15:04:05.999999999+07:00 ` */
const LONGEST_TIME = 36;
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

  /** The next whole entry; undefined when more must come first. @throws Error on bytes that are no frame */
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
    const end = HEADER_LENGTH + length;
    if (this.pending.length < end) return undefined;
    const entry = this.pending.toString('utf8', HEADER_LENGTH, end);
    this.pending = this.pending.subarray(end);
    return stream === 'error' ? { stream, time: '', text: entry } : message(stream, entry);
  }

  private nextOfTerminal(): EngineMessage | undefined {
    const time = this.pending.indexOf(' ') + 1;
    const cut = time + LONGEST_TEXT;
    const newline = this.pending.indexOf(NEWLINE);
    const isLong = newline > cut || (newline < 0 && this.pending.length >= cut + LONGEST_TIME);
    if (time > 0 && isLong) {
      const next = this.pending.toString('latin1', cut, cut + LONGEST_TIME);
      if (BEGINS_WITH_TIME.test(next)) return this.takeOfTerminal(cut);
    }
    return newline < 0 ? undefined : this.takeOfTerminal(newline + 1);
  }

  private takeOfTerminal(end: number): EngineMessage {
    const entry = this.pending.toString('utf8', 0, end);
    this.pending = this.pending.subarray(end);
    return message('stdout', entry);
  }
}

/** Docker cuts lines at one length only: a shorter part is a line's last, whose newline Docker 20.10 forgets. */
function message(stream: OutputStream, entry: string): EngineMessage {
  const space = entry.indexOf(' ');
  const text = entry.slice(space + 1);
  const isLast = Buffer.byteLength(text) < LONGEST_TEXT && !text.endsWith('\n');
  return { stream, time: entry.slice(0, space), text: isLast ? `${text}\n` : text };
}
