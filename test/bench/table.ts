/** Figures to print: each subject makes some. An absent figure is `undefined`. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Cell = string | number | undefined;

/** The table as text: words to the left, numbers to the right, at most three digits that matter after the point. */
export function tableText({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  const isNumber = columns.map((_, at) => rows.some((row) => typeof row[at] === 'number'));
  const lineText = (line: readonly string[]): string =>
    line
      .map((text, at) => (isNumber[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, ...lines.map((line) => `  ${lineText(line)}`)].join('\n');
}

function cellText(cell: Cell): string {
  if (typeof cell !== 'number') return cell ?? '-';
  if (Number.isInteger(cell)) return String(cell);
  return cell.toFixed(Math.abs(cell) < 10 ? 2 : 1);
}
