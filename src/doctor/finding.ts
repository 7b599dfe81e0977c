import type { CallContext } from '../lib/call-context';

/** From good to bad. */
export const LEVELS = ['ok', 'warning', 'problem'] as const;
export type Level = (typeof LEVELS)[number];

/** One thing that was looked at. */
export interface Finding {
  /** What it is about, in a word or two: a column of the screen. */
  readonly subject: string;
  readonly level: Level;
  /** What was found, a sentence without its full stop. */
  readonly says: string;
  /** What to do about it; whatever is not ok has it. */
  readonly advice?: string;
}

/** Looks at one part of the node and changes nothing. */
export interface Check {
  readonly subject: string;
  examine(ctx: CallContext): Promise<readonly Finding[]>;
}

export function ok(subject: string, says: string): Finding {
  return { subject, level: 'ok', says };
}

export function warning(subject: string, says: string, advice: string): Finding {
  return { subject, level: 'warning', says, advice };
}

export function problem(subject: string, says: string, advice: string): Finding {
  return { subject, level: 'problem', says, advice };
}

export function worst(findings: readonly Finding[]): Level {
  const rank = Math.max(0, ...findings.map(({ level }) => LEVELS.indexOf(level)));
  return LEVELS[rank] ?? 'ok';
}
