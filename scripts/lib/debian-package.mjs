import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './command.mjs';
import { control } from './debian-control.mjs';
import { CONFFILES, sizeOf } from './package-tree.mjs';
import { ROOT } from './project.mjs';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/**
 * Makes a .deb of a staged tree. What dpkg is told of it is in the tree for as long.
 * @param about version, architecture, and compression: options of dpkg-deb
 */
export async function makeDeb(tree, { version, architecture, compression }, target) {
  const meta = path.join(tree, 'DEBIAN');
  const kibibytes = Math.ceil(sizeOf(tree) / 1024);
  mkdirSync(meta);
  writeFileSync(path.join(meta, 'control'), control(version, architecture, kibibytes));
  writeFileSync(path.join(meta, 'conffiles'), CONFFILES.map((file) => `${file}\n`).join(''));
  for (const script of SCRIPTS) {
    copyFileSync(path.join(ROOT, 'deploy/debian', script), path.join(meta, script));
  }
  // Whatever the umask: dpkg-deb refuses the directory with another mode.
  [meta, ...SCRIPTS.map((name) => path.join(meta, name))].forEach((name) => chmodSync(name, 0o755));
  ['control', 'conffiles'].forEach((name) => chmodSync(path.join(meta, name), 0o644));
  await runQuietly('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, target]);
  rmSync(meta, { recursive: true });
}
