import { criLine } from './cri-line';
import { JsonStrings } from './json-string';
import type { RenderBuffers } from './render-buffers';

/** What became of a piece of Docker's log. */
export interface Rendered {
  /** Bytes of the input that were used up: whole lines. */
  consumed: number;
  /** Bytes of the output that were written. Never more than `consumed`. */
  written: number;
  /** Lines that are no entry of a log, which were left out. */
  unreadable: number;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const PARTIAL = 0x50;

/** The fixed parts of an entry, in the order in which Docker writes them. */
const LOG = words('{"log":"');
const STDOUT = words('","stream":"stdout","time":"');
const STDERR = words('","stream":"stderr","time":"');
const END = Buffer.from('"}\n');

/** What stands between the time and the content, with the tag next to its end. */
const OUT_HEAD = Buffer.from(' stdout F ');
const ERR_HEAD = Buffer.from(' stderr F ');

/** The longest time that Docker writes, `2006-01-02T15:04:05.999999999Z`. */
const LONGEST_TIME = 30;
const LONGEST_HEAD = LONGEST_TIME + OUT_HEAD.length;

/** Text as numbers of four bytes, by which it is compared. */
function words(text: string): Uint32Array {
  return Uint32Array.from(text.match(/.{4}/g) ?? [], (four) => Buffer.from(four).readUInt32BE());
}

/**
 * Makes CRI log lines, `<time> <stdout|stderr> <F|P> <content>`, of whole lines of Docker's json-file log: of the first
 * `length` bytes of the input. An entry whose text has no newline at its end is a part of a line that Docker has cut, at
 * 16 KiB. The same input gives the same output, however it is cut into pieces.
 *
 * What Docker writes as a rule is rendered in one go, without a string made of it; entries with attributes, or from
 * another hand, go through JSON.parse.
 */
export function renderJson(buffers: RenderBuffers, length: number): Rendered {
  const { input, output } = buffers;
  const strings = new JsonStrings(input, length, output);
  const result: Rendered = { consumed: 0, written: 0, unreadable: 0 };
  while (result.consumed < length) {
    if (renderUsual(buffers, length, strings, result)) continue;
    const end = input.indexOf(NEWLINE, result.consumed);
    if (end < 0 || end >= length) break;
    renderUnusual(input.toString('utf8', result.consumed, end), output, result);
    result.consumed = end + 1;
  }
  return result;
}

/** Answers false, with nothing done, when the next line is not whole or not as Docker writes it as a rule. */
function renderUsual(
  { input, inputView, output, outputView }: RenderBuffers,
  length: number,
  strings: JsonStrings,
  result: Rendered,
): boolean {
  const start = result.consumed;
  if (!has(inputView, length, start, LOG)) return false;
  // The head comes first in a line, but last in an entry: the content goes where the longest head would end.
  const content = result.written + LONGEST_HEAD;
  let contentEnd = strings.copy(start + LOG.byteLength, content);
  const whole = strings.newlines === 1 && output[contentEnd - 1] === NEWLINE;
  if (contentEnd < 0 || (strings.newlines > 0 && !whole)) return false;
  const stream = strings.end;
  const isOut = has(inputView, length, stream, STDOUT);
  if (!isOut && !has(inputView, length, stream, STDERR)) return false;
  const time = stream + STDOUT.byteLength;
  const timeLength = lengthOfTime(input, time);
  const end = time + timeLength + END.length;
  if (timeLength < 0 || end > length || input[end - 2] !== END[1] || input[end - 1] !== END[2]) return false;

  const head = result.written + timeLength;
  for (let at = 0; at < LONGEST_TIME - 2; at += 4) {
    outputView.setUint32(result.written + at, inputView.getUint32(time + at));
  }
  outputView.setUint16(result.written + LONGEST_TIME - 2, inputView.getUint16(time + LONGEST_TIME - 2));
  const between = isOut ? OUT_HEAD : ERR_HEAD;
  for (let at = 0; at < between.length; at += 1) output[head + at] = between[at] as number;
  if (timeLength < LONGEST_TIME) {
    output.copyWithin(head + between.length, content, contentEnd);
    contentEnd -= LONGEST_TIME - timeLength;
  }
  if (whole) contentEnd -= 1;
  else output[head + between.length - 2] = PARTIAL;
  output[contentEnd] = NEWLINE;
  result.written = contentEnd + 1;
  result.consumed = end;
  return true;
}

function has(view: DataView, length: number, at: number, expected: Uint32Array): boolean {
  if (at + expected.byteLength > length) return false;
  for (let word = 0; word < expected.length; word += 1) {
    if (view.getUint32(at + 4 * word) !== expected[word]) return false;
  }
  return true;
}

/** The length of the time at `at`, up to its quote; -1 when it is longer than any. */
function lengthOfTime(input: Buffer, at: number): number {
  for (let length = LONGEST_TIME; length > 0; length -= 1) if (input[at + length] === QUOTE) return length;
  return -1;
}

function renderUnusual(text: string, output: Buffer, result: Rendered): void {
  const line = unusualLine(text);
  // A line that is longer than its entry was not written by Docker.
  if (line === undefined || Buffer.byteLength(line) > Buffer.byteLength(text) + 1) result.unreadable += 1;
  else result.written += output.write(line, result.written);
}

function unusualLine(text: string): string | undefined {
  try {
    const entry = JSON.parse(text) as { log?: unknown; stream?: unknown; time?: unknown } | null;
    const { log, stream, time } = entry ?? {};
    if (typeof log !== 'string' || typeof time !== 'string' || !/^\S+$/.test(time)) return undefined;
    if (stream !== 'stdout' && stream !== 'stderr') return undefined;
    return criLine(time, stream, log);
  } catch {
    return undefined;
  }
}

/**
 * The time of the first entry in a piece of Docker's log; it tells one file of a log from another. Undefined when the
 * first line isn't whole, empty when it is no entry.
 */
export function firstTime(input: Buffer, length: number): string | undefined {
  const end = input.indexOf(NEWLINE);
  if (end < 0 || end >= length) return undefined;
  // The time comes last.
  return /"time":"([^"\\]+)"\}$/.exec(input.toString('latin1', Math.max(0, end - 100), end))?.[1] ?? '';
}
