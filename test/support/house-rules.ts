import path from 'node:path';
import type { Import, SourceFile } from './source-graph';

/**
 * The rooms, top to bottom, and what each imports beside itself: a new edge is written down here, and one that is gone is
 * taken out. Every room but main, app and cli gets the few settings that it needs as values, so only those three import
 * config.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'config', 'lib'],
  cli: ['migrate', 'doctor', 'app', 'docker', 'host', 'translate', 'config', 'telemetry', 'generated', 'lib'],
  migrate: ['doctor', 'docker', 'host', 'translate', 'generated', 'lib'],
  doctor: ['network', 'docker', 'host', 'translate', 'lib'],
  app: [
    'cri',
    'runtime',
    'sandbox',
    'container',
    'image',
    'index',
    'logs',
    'stats',
    'network',
    'streaming',
    'docker',
    'store',
    'host',
    'config',
    'telemetry',
    'lib',
  ],
  cri: ['host', 'telemetry', 'generated', 'lib'],
  runtime: ['network', 'docker', 'translate', 'generated', 'lib'],
  sandbox: ['index', 'logs', 'stats', 'network', 'streaming', 'docker', 'store', 'translate', 'generated', 'lib'],
  container: ['index', 'logs', 'stats', 'streaming', 'docker', 'store', 'host', 'translate', 'generated', 'lib'],
  image: ['index', 'docker', 'translate', 'generated', 'lib'],
  index: ['network', 'docker', 'host', 'translate', 'generated', 'lib'],
  logs: ['docker', 'store', 'host', 'lib'],
  stats: ['docker', 'host', 'lib'],
  network: ['docker', 'store', 'host', 'generated', 'lib'],
  streaming: ['lib'],
  docker: ['telemetry', 'lib'],
  store: ['lib'],
  host: ['lib'],
  config: ['translate', 'telemetry', 'lib'],
  translate: ['generated', 'lib'],
  telemetry: ['lib'],
  generated: [],
  lib: [],
};

/**
 * The one way past the table: translate speaks the languages of Docker, the meters and the pod networks, and needs but
 * their types.
 */
const TYPES_FOR_TRANSLATE = /^src\/(docker|stats|network)\//;

const FORBIDDEN_NAMES = /^(index|helpers?|utils?|common|misc)$/;
const MAX_LINES = 300;

/** The room of a file: `src/lib/log` is in lib, `src/main` is main, `generated/…` is generated. */
export function roomOf(name: string): string {
  const [top = '', second = ''] = name.split('/');
  return top === 'src' ? second : top;
}

function isFile(target: string): boolean {
  return target.startsWith('src/') || target.startsWith('generated/');
}

function mayImport(room: string, { target, typeOnly }: Import): boolean {
  const targetRoom = roomOf(target);
  const typesForTranslate = room === 'translate' && typeOnly && TYPES_FOR_TRANSLATE.test(target);
  return targetRoom === room || typesForTranslate || (MAY_IMPORT[room] ?? []).includes(targetRoom);
}

function wrongDirections({ name, imports }: SourceFile): string[] {
  const room = roomOf(name);
  if (!(room in MAY_IMPORT)) {
    return [`${name} is in no known room`];
  }
  const wrong = imports.filter((one) => isFile(one.target) && !mayImport(room, one));
  return wrong.map(({ target }) => `${name} imports ${target}, but ${room} may not import ${roomOf(target)}`);
}

/** What the table allows and no file does, one sentence each. */
export function unusedEdges(files: readonly SourceFile[]): string[] {
  const used = new Set(
    files.flatMap(({ name, imports }) => imports.map(({ target }) => `${roomOf(name)} → ${roomOf(target)}`)),
  );
  const allowed = Object.entries(MAY_IMPORT).flatMap(([room, others]) => others.map((other) => `${room} → ${other}`));
  return allowed.filter((edge) => !used.has(edge)).map((edge) => `no file needs ${edge}: take it out of MAY_IMPORT`);
}

function strayImports({ name, imports }: SourceFile): string[] {
  const dockerode = imports.some(({ target }) => target === 'dockerode') && roomOf(name) !== 'docker';
  return dockerode ? [`${name} imports dockerode, which only src/docker knows`] : [];
}

function badNames({ name }: SourceFile): string[] {
  const base = path.basename(name);
  return FORBIDDEN_NAMES.test(base) ? [`${name}: "${base}" says nothing about what is in the file`] : [];
}

function badGlobals({ name, globals }: SourceFile): string[] {
  const exits = globals.includes('process.exit') && name !== 'src/main';
  const prints = globals.some((used) => used.startsWith('console.')) && !['main', 'cli'].includes(roomOf(name));
  return [
    ...(exits ? [`${name} calls process.exit, which is for src/main alone`] : []),
    ...(prints ? [`${name} uses console, which is for main and cli; others have a log`] : []),
  ];
}

function tooLong({ name, lines }: SourceFile): string[] {
  return lines > MAX_LINES ? [`${name} has ${lines} lines; ${MAX_LINES} is the limit`] : [];
}

/** Every breach of the house's rules, one sentence each. */
export function breaches(files: readonly SourceFile[]): string[] {
  const rules = [wrongDirections, strayImports, badNames, badGlobals, tooLong];
  return [...files.flatMap((file) => rules.flatMap((rule) => rule(file))), ...cycles(importGraph(files))];
}

function importGraph(files: readonly SourceFile[]): Map<string, string[]> {
  return new Map(files.map(({ name, imports }) => [name, imports.map(({ target }) => target)]));
}

/** Each ring of nodes that lead back to the first, as `a → b → a`. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();

  function follow(node: string, trail: readonly string[]): void {
    const start = trail.indexOf(node);
    if (start >= 0) {
      found.push([...trail.slice(start), node].join(' → '));
    } else if (!done.has(node)) {
      graph.get(node)?.forEach((next) => follow(next, [...trail, node]));
      done.add(node);
    }
  }

  for (const node of graph.keys()) {
    follow(node, []);
  }
  return found;
}
