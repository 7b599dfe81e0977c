import { writeSync } from 'node:fs';
import type { Log, LogFields } from '../lib/log';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

const STDERR = 2;

/** Level and format are read for every line: they may change. */
export interface LogOptions {
  readonly level: LogLevel;
  /** `text` for people and journals, `json` for collectors. */
  readonly format: LogFormat;
  /** Defaults to standard error, written before the call returns, so that a crash loses nothing that is taken. */
  readonly write?: (line: string) => void;
}

/** A log that writes one line an event: the time, the level, the message and its fields. */
export function createLog(options: LogOptions): Log {
  const lineOf = (level: LogLevel, message: string, fields: LogFields): string => {
    const time = new Date().toISOString();
    return options.format === 'json' ? jsonLine(time, level, message, fields) : textLine(time, level, message, fields);
  };
  const write = options.write ?? fileWriter(STDERR, (lines) => lineOf('warn', 'the log has lost lines', { lines }));
  const emit: Emit = (level, message, fields) => write(lineOf(level, message, fields));
  return bind({}, (level) => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(options.level), emit);
}

type Emit = (level: LogLevel, message: string, fields: LogFields) => void;

function bind(bound: LogFields, wanted: (level: LogLevel) => boolean, emit: Emit): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (wanted(level)) emit(level, message, fields ? { ...bound, ...fields } : bound);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => bind({ ...bound, ...fields }, wanted, emit),
  };
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const words = Object.entries(fields).filter(([, value]) => value !== undefined);
  const tail = words.map(([name, value]) => ` ${name}=${plain(value)}`).join('');
  return `${time} ${level.padEnd(5)} ${message}${tail}\n`;
}

/** Quoted when it is more than one word, so that nothing in it can look like another field or another line. */
function plain(value: LogFields[string]): string {
  const text = String(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const safe = Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]);
  return JSON.stringify({ time, level, message, ...Object.fromEntries(safe) }) + '\n';
}

/**
 * Writes lines to an open file, and drops those that whoever reads them does not take: a journal that is full or gone
 * must not take the shim with it.
 * @param lostLine tells how many were dropped, before the next one that is taken
 */
export function fileWriter(file: number, lostLine: (lines: number) => string): (line: string) => void {
  let [lost, torn] = [0, false];
  return (line) => {
    const before = Buffer.from(`${torn ? '\n' : ''}${lost > 0 ? lostLine(lost) : ''}`);
    const text = Buffer.concat([before, Buffer.from(line)]);
    try {
      const written = writeSync(file, text);
      torn = written < text.length;
      const told = written >= before.length;
      lost = (told ? 0 : lost) + (torn ? 1 : 0);
    } catch {
      lost += 1;
    }
  };
}
