/**
 * npm run test:package: makes the .deb of this machine's architecture twice, the second of a later version, and installs,
 * upgrades and purges them beside a private Docker Engine, on a copy of this machine's files that is thrown away.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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
import { makeTarball } from './lib/tarball.mjs';

const INSIDE = fileURLToPath(new URL('./lib/package-test-inside.mjs', import.meta.url));
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const VERSIONS = ['1.0.0~test1', '1.0.0~test2'];
/** Modes as tar and dpkg-deb list them. */
const USUAL = /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) /;

function listed(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n');
}

/** What is in the packages must be the same whoever makes them, and unpacking must change no directory of the node's. */
async function checkModes(tree, deb) {
  const tarball = `${tree}.tar.gz`;
  await makeTarball(tree, tarball);
  for (const line of [...listed('tar', '-tvzf', tarball), ...listed('dpkg-deb', '--contents', deb)]) {
    assert.match(line, USUAL);
  }
  const directories = listed('tar', '-tzf', tarball).filter((name) => name.endsWith('/'));
  assert.deepEqual(directories, [
    './etc/dockershim/',
    './usr/lib/dockershim/',
    './usr/share/doc/dockershim/',
    './usr/share/doc/dockershim/examples/',
  ]);
  // An upgrade leaves the configuration alone.
  assert.deepEqual(
    listed('tar', '-tzf', tarball, '--exclude=./etc').filter((name) => name.startsWith('./etc')),
    [],
  );
}

/** One tree for both: versions differ in what dpkg is told. With this machine's own Node.js, so that nothing is downloaded. */
async function makePackages(directory, architecture) {
  const tree = path.join(directory, 'tree');
  mkdirSync(tree);
  stage(tree, { program: process.execPath, license: path.join(ROOT, 'LICENSE') });
  const debs = VERSIONS.map((version) => path.join(directory, `dockershim_${version}.deb`));
  for (const [index, version] of VERSIONS.entries()) {
    await makeDeb(tree, { version, architecture, compression: ['-Znone'] }, debs[index]);
  }
  await checkModes(tree, debs[0]);
  return debs;
}

/** As by somebody who lets nobody else read what is made. */
async function underStrictUmask(work) {
  const usual = process.umask(0o077);
  try {
    return await work();
  } finally {
    process.umask(usual);
  }
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
    const debs = await phase('make two versions of the package', () =>
      underStrictUmask(() => makePackages(directory, architecture)),
    );
    return await runInEngineRoom(process.execPath, [INSIDE, ...debs], { cwd: ROOT });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
