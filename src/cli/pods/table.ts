import { age } from './age';
import { bytes } from './bytes';
import type { NodeContainer, NodePod } from './node-pods';

/** How a cell stands out, where there are colours. */
export type Style = 'head' | 'pod' | 'good' | 'bad' | 'faint' | 'plain';

export interface TableOptions {
  /** Columns of the terminal; lines that are longer are cut. */
  readonly width?: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly paint: (style: Style, text: string) => string;
}

interface Cell {
  readonly text: string;
  readonly style: Style;
  /** Where it is cut when it is too long: the end of an image's name tells most. */
  readonly cut?: 'start' | 'end';
}

const HEAD = ['POD, CONTAINER', 'STATE', 'RESTARTS', 'AGE', 'LOG LAG', 'ADDRESS, IMAGE'];
const GAP = '   ';
/** Names are cut no further than this. */
const SHORTEST_NAME = 16;
/** What the last column keeps while names can be cut: an IPv4 address. */
const SHORTEST_LAST = 15;
const SHORT_ID = 12;

/** The pods as lines: each with its containers under it, of which only the newest attempt counts. */
export function podTable(pods: readonly NodePod[], options: TableOptions): string[] {
  const rows = [
    HEAD.map((text): Cell => ({ text, style: 'head' })),
    ...pods.flatMap((pod) => podRows(pod, options.now)),
  ];
  const widths = fitted(rows, options.width);
  return rows.map((row) => line(row, widths, options.paint));
}

function podRows(pod: NodePod, now: number): Cell[][] {
  const newest = pod.containers.filter(({ name }, index, all) => all[index - 1]?.name !== name);
  const state: Cell = { text: pod.state, style: pod.state === 'ready' ? 'good' : 'bad' };
  const head: Cell = { text: `${pod.namespace}/${pod.name}`, style: 'pod' };
  const addresses: Cell = { text: pod.addresses.join(' '), style: 'faint' };
  return [
    cells(head, state, pod.attempt, age(pod.createdAt, now), '', addresses),
    ...newest.map((container) => containerRow(container, now)),
  ];
}

function containerRow(container: NodeContainer, now: number): Cell[] {
  const { name, attempt, createdAt, image, logLag } = container;
  const last: Cell = { text: shortened(image), style: 'faint', cut: 'start' };
  const lag = logLag === undefined ? '' : bytes(logLag);
  return cells(plain(`  ${name}`), stateOf(container), attempt, age(createdAt, now), lag, last);
}

function cells(name: Cell, state: Cell, restarts: number, since: string, lag: string, last: Cell): Cell[] {
  return [name, state, plain(String(restarts)), plain(since), plain(lag), last];
}

function plain(text: string): Cell {
  return { text, style: 'plain' };
}

function stateOf({ state, exitCode, reason }: NodeContainer): Cell {
  if (state === 'running') return { text: state, style: 'good' };
  if (state !== 'exited' || exitCode === undefined) return { text: state, style: 'plain' };
  const telling = reason !== undefined && !['', 'Error', 'Completed'].includes(reason) ? ` ${reason}` : '';
  return { text: `exited ${exitCode}${telling}`, style: exitCode === 0 ? 'faint' : 'bad' };
}

function shortened(image: string): string {
  const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(image)?.[1];
  return id?.slice(0, SHORT_ID) ?? image;
}

/** The widths of the columns; when the terminal is too narrow, the last column is cut first, then the names. */
function fitted(rows: readonly (readonly Cell[])[], width: number | undefined): number[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.text.length ?? 0)));
  if (width === undefined) return widths;
  const gaps = GAP.length * (HEAD.length - 1);
  const middle = widths.slice(1, -1).reduce((sum, one) => sum + one, gaps);
  const [names = 0] = widths;
  const room = Math.max(0, width - middle);
  const first = Math.max(Math.min(names, SHORTEST_NAME), Math.min(names, room - SHORTEST_LAST));
  return [first, ...widths.slice(1, -1), Math.min(widths.at(-1) ?? 0, Math.max(0, room - first))];
}

function line(row: readonly Cell[], widths: readonly number[], paint: TableOptions['paint']): string {
  const texts = row.map((cell, column) => fit(cell, widths[column] ?? 0));
  const last = texts.findLastIndex((text) => text !== '');
  // Blanks stay out of the colours, and off the end of the line.
  return texts
    .slice(0, last + 1)
    .map((text, column) => {
      const blanks = column < last ? ' '.repeat((widths[column] ?? 0) - text.length) + GAP : '';
      return paint(row[column]?.style ?? 'plain', text) + blanks;
    })
    .join('');
}

function fit({ text, cut }: Cell, width: number): string {
  if (text.length <= width) return text;
  if (width === 0) return '';
  return cut === 'start' ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}
