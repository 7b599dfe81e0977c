import { LEVELS, worst, type Finding, type Level } from './finding';

/** How a level is written and coloured: SGR codes. */
const MARKS: Readonly<Record<Level, { readonly word: string; readonly colour: string }>> = {
  ok: { word: 'ok', colour: '32' },
  warning: { word: 'warning', colour: '33' },
  problem: { word: 'problem', colour: '31' },
};

const LEVEL_WIDTH = Math.max(...LEVELS.map((level) => MARKS[level].word.length));

export interface ReportOptions {
  /** In columns. */
  readonly width: number;
  readonly colours: boolean;
}

/** One line a finding and one for what to do about it, wrapped under their columns; the sum at the end. */
export function report(findings: readonly Finding[], { width, colours }: ReportOptions): string {
  const subjectWidth = Math.max(...findings.map(({ subject }) => subject.length), 0);
  const indent = LEVEL_WIDTH + subjectWidth + 4;
  const lines = findings.flatMap(({ subject, level, says, advice }) => {
    const { word, colour } = MARKS[level];
    const mark = colours ? `\u001b[${colour}m${word.padEnd(LEVEL_WIDTH)}\u001b[0m` : word.padEnd(LEVEL_WIDTH);
    const text = wrapped(says, width - indent);
    const todo = advice === undefined ? [] : wrapped(`→ ${advice}`, width - indent);
    const [first = '', ...rest] = [...text, ...todo];
    return [`${mark}  ${subject.padEnd(subjectWidth)}  ${first}`, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return [...lines, '', sum(findings), ''].join('\n');
}

function sum(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  const level = worst(findings);
  if (level === 'ok') return 'This node is ready for dockershim.';
  return `${count('problem')} problems and ${count('warning')} warnings among ${findings.length} findings.`;
}

/** Lines of at most `width` columns, broken between words where that is possible. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
