/**
 * npm run test:package: makes the .deb of this machine's architecture twice, the second of a later version, and installs,
 * upgrades and purges them beside a private Docker Engine, on a copy of this machine's files that is thrown away.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installMissing } from './lib/debian.mjs';
import { makeDeb } from './lib/debian-package.mjs';
import { runInEngineRoom } from './lib/engine-room.mjs';
import { stage } from './lib/package-tree.mjs';
import { ROOT, build, checkNode, install } from './lib/project.mjs';
import { CannotGoOn, phase, runMain } from './lib/report.mjs';

const INSIDE = fileURLToPath(new URL('./lib/package-test-inside.mjs', import.meta.url));
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const VERSIONS = ['1.0.0~test1', '1.0.0~test2'];

/** One tree for both: versions differ in what dpkg is told. With this machine's own Node.js, so that nothing is downloaded. */
async function makePackages(directory, architecture) {
  const tree = path.join(directory, 'tree');
  mkdirSync(tree);
  stage(tree, { program: process.execPath, license: path.join(ROOT, 'LICENSE') });
  const debs = VERSIONS.map((version) => path.join(directory, `dockershim_${version}.deb`));
  for (const [index, version] of VERSIONS.entries()) {
    await makeDeb(tree, { version, architecture, compression: ['-Znone'] }, debs[index]);
  }
  return debs;
}

await runMain(async () => {
  checkNode();
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) {
    throw new CannotGoOn(`No packages are made for ${process.arch}.`);
  }
  await install();
  await build();
  await installMissing({ 'dpkg-deb': 'dpkg' });
  const directory = mkdtempSync(path.join(tmpdir(), 'dockershim-packages-'));
  try {
    const debs = await phase('make two versions of the package', () => makePackages(directory, architecture));
    return await runInEngineRoom(process.execPath, [INSIDE, ...debs], { cwd: ROOT });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
