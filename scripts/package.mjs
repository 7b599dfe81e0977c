/** Makes packages in dist/: a .deb and a tarball for each architecture, or for those that are named (amd64, arm64). */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runQuietly } from './lib/command.mjs';
import { installMissing } from './lib/debian.mjs';
import { control } from './lib/debian-control.mjs';
import { ARCHITECTURES, nodeFor } from './lib/node-binaries.mjs';
import { CONFFILES, sizeOf, stage } from './lib/package-tree.mjs';
import { ROOT, build } from './lib/project.mjs';
import { CannotGoOn, phase, runMain, say } from './lib/report.mjs';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** The tree is at its place when dpkg packs it; what dpkg is told goes with it for as long. */
async function makeDeb(tree, version, architecture, target) {
  const meta = path.join(tree, 'DEBIAN');
  const kibibytes = Math.ceil(sizeOf(tree) / 1024);
  mkdirSync(meta, { mode: 0o755 });
  writeFileSync(path.join(meta, 'control'), control(version, architecture, kibibytes));
  writeFileSync(path.join(meta, 'conffiles'), CONFFILES.map((file) => `${file}\n`).join(''));
  for (const script of SCRIPTS) {
    copyFileSync(path.join(ROOT, 'deploy/debian', script), path.join(meta, script));
    chmodSync(path.join(meta, script), 0o755);
  }
  await runQuietly('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, target]);
  rmSync(meta, { recursive: true });
}

/** To be unpacked at /; the owner is root, whoever made it. */
async function makeTarball(tree, target) {
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  await runQuietly('tar', ['-C', tree, ...owner, '-czf', target, '.']);
}

/** `-` in a version would begin Debian's own revision, `~` comes before the release as npm's `-` does. */
function debianVersion(version) {
  return version.replaceAll('-', '~');
}

await runMain(async (args) => {
  const unknown = args.find((name) => !ARCHITECTURES.includes(name));
  if (unknown !== undefined) {
    throw new CannotGoOn(`${unknown} is no architecture that packages are made for: ${ARCHITECTURES.join(', ')}.`);
  }
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  // Both are for tests of upgrades.
  const directory = process.env.DOCKERSHIM_PACKAGE_DIRECTORY ?? path.join(ROOT, 'dist');
  const packaged = debianVersion(process.env.DOCKERSHIM_PACKAGE_VERSION ?? version);
  await installMissing({ 'dpkg-deb': 'dpkg', xz: 'xz-utils' });
  await build();
  for (const architecture of args.length > 0 ? args : ARCHITECTURES) {
    const node = await phase(`Node.js for ${architecture}`, () => nodeFor(architecture));
    const tree = mkdtempSync(path.join(tmpdir(), 'dockershim-package-'));
    const base = path.join(directory, `dockershim_${packaged}_${architecture}`);
    try {
      chmodSync(tree, 0o755);
      stage(tree, node);
      await phase(`${path.basename(base)}.deb`, () => makeDeb(tree, packaged, architecture, `${base}.deb`));
      await phase(`${path.basename(base)}.tar.gz`, () => makeTarball(tree, `${base}.tar.gz`));
    } finally {
      rmSync(tree, { recursive: true, force: true });
    }
    for (const file of [`${base}.deb`, `${base}.tar.gz`]) {
      say(`${path.relative(ROOT, file)}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
    }
  }
  return 0;
});
