import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './command.mjs';
import { CannotGoOn, phase } from './report.mjs';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUNDLE = path.join(ROOT, 'dist/dockershim.js');

/** What Node is started with to run the bundle: docs/architecture.md, "One bundled file". */
export const NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--single-threaded',
  '--heap-growing-percent=20',
  '--no-memory-reducer',
];

/** What is in its environment besides: docs/architecture.md, "The process". */
export const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

const SOURCES = [
  'src',
  'generated',
  'scripts/build.mjs',
  'scripts/lib/left-out.mjs',
  'package.json',
  'package-lock.json',
];

/** Milliseconds since 1970 of the last change to a file, or to any file below a directory; 0 when there is none. */
function changed(name) {
  const stat = statSync(path.join(ROOT, name), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    return stat?.mtimeMs ?? 0;
  }
  return readdirSync(path.join(ROOT, name)).reduce(
    (last, entry) => Math.max(last, changed(path.join(name, entry))),
    stat.mtimeMs,
  );
}

/** @throws CannotGoOn when this Node is older than package.json asks for. */
export function checkNode() {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
    throw new CannotGoOn(
      `dockershim needs Node ${engines.node}; this is Node ${process.versions.node}. Install a newer one.`,
    );
  }
}

/** Installs the packages of package-lock.json unless node_modules is newer. */
export async function install() {
  if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
    await phase('install the npm packages (npm ci)', () => runQuietly('npm', ['ci'], { cwd: ROOT }));
  }
}

/** Builds dist/dockershim.js unless it is newer than everything that it is made from. */
export async function build() {
  const lastChange = Math.max(...SOURCES.map(changed));
  if (changed('dist/dockershim.js') < lastChange) {
    await phase('build dist/dockershim.js', () => runQuietly(process.execPath, ['scripts/build.mjs'], { cwd: ROOT }));
  }
}
