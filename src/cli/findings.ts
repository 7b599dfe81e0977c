import { worst, type Finding, type Level } from '../doctor/finding';
import { hasColours, type Output } from './output';
import { wrap } from './wrap';

/** SGR codes. */
const COLOURS: Readonly<Record<Level, string>> = { ok: '32', warning: '33', problem: '31' };

const LEVEL_WIDTH = 'problem'.length;

export interface ReportOptions {
  /** In columns. */
  readonly width: number;
  readonly colours: boolean;
}

/** Of the terminal, in columns; longer lines are hard to read. */
const WIDEST = 120;

/** The exit status of the worst that was found. 1 and 2 are failures of the command itself. */
const EXIT_STATUS: Readonly<Record<Level, number>> = { ok: 0, warning: 3, problem: 4 };

/** Prints what `doctor` or `migrate check` has found, for people or as JSON for programs. Answers the exit status. */
export function printFindings(findings: readonly Finding[], output: Output, json: boolean): number {
  const width = Math.min(output.columns ?? WIDEST, WIDEST);
  if (json) output.write(`${JSON.stringify({ worst: worst(findings), findings }, undefined, 2)}\n`);
  else output.write(report(findings, { width, colours: hasColours(output, process.env) }));
  return EXIT_STATUS[worst(findings)];
}

/** A line a finding, what to do about it under it, and the sum at the end. */
export function report(findings: readonly Finding[], { width, colours }: ReportOptions): string {
  const subjectWidth = Math.max(...findings.map(({ subject }) => subject.length), 0);
  const indent = LEVEL_WIDTH + subjectWidth + 4;
  const blocks = findings.map(({ subject, level, says, advice }) => {
    const text = [says, ...(advice === undefined ? [] : [`→ ${advice}`])];
    const lines = text.map((sentence) => wrap(sentence, width, indent)).join('\n');
    const mark = colours ? `\u001b[${COLOURS[level]}m${level.padEnd(LEVEL_WIDTH)}\u001b[0m` : level.padEnd(LEVEL_WIDTH);
    return `${mark}  ${subject.padEnd(subjectWidth)}  ${lines.slice(indent)}`;
  });
  return [...blocks, '', sum(findings), ''].join('\n');
}

function sum(findings: readonly Finding[]): string {
  if (worst(findings) === 'ok') return 'All is well.';
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  return `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
}
