/** Makes packages in dist/: a .deb and a tarball for each architecture, or for those that are named (amd64, arm64). */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installMissing } from './lib/debian.mjs';
import { makeDeb } from './lib/debian-package.mjs';
import { ARCHITECTURES, nodeFor } from './lib/node-binaries.mjs';
import { stage } from './lib/package-tree.mjs';
import { ROOT, build } from './lib/project.mjs';
import { CannotGoOn, phase, runMain, say } from './lib/report.mjs';
import { makeTarball } from './lib/tarball.mjs';

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
  // Both are for trying an upgrade.
  const directory = process.env.DOCKERSHIM_PACKAGE_DIRECTORY ?? path.join(ROOT, 'dist');
  const packaged = debianVersion(process.env.DOCKERSHIM_PACKAGE_VERSION ?? version);
  await installMissing({ 'dpkg-deb': 'dpkg', xz: 'xz-utils' });
  await build();
  for (const architecture of args.length > 0 ? args : ARCHITECTURES) {
    const node = await phase(`Node.js for ${architecture}`, () => nodeFor(architecture));
    const tree = mkdtempSync(path.join(tmpdir(), 'dockershim-package-'));
    const about = { version: packaged, architecture, compression: ['-Zxz', '-z1'] };
    const base = path.join(directory, `dockershim_${packaged}_${architecture}`);
    try {
      stage(tree, node);
      await phase(`${path.basename(base)}.deb`, () => makeDeb(tree, about, `${base}.deb`));
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
