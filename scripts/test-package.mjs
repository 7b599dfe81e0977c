/**
 * npm run test:package: makes the .deb of this machine's architecture twice, the second of a later version, and installs,
 * upgrades and purges them beside a private Docker Engine, on a copy of this machine's files that is thrown away.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './lib/command.mjs';
import { runInEngineRoom } from './lib/engine-room.mjs';
import { ROOT, build, checkNode, install } from './lib/project.mjs';
import { CannotGoOn, runMain } from './lib/report.mjs';

const INSIDE = fileURLToPath(new URL('./lib/package-test-inside.mjs', import.meta.url));
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const VERSIONS = ['1.0.0~test1', '1.0.0~test2'];

await runMain(async () => {
  checkNode();
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) {
    throw new CannotGoOn(`No packages are made for ${process.arch}.`);
  }
  await install();
  await build();
  const directory = mkdtempSync(path.join(tmpdir(), 'dockershim-packages-'));
  try {
    for (const version of VERSIONS) {
      const env = { ...process.env, DOCKERSHIM_PACKAGE_VERSION: version, DOCKERSHIM_PACKAGE_DIRECTORY: directory };
      const code = await run(process.execPath, ['scripts/package.mjs', architecture], { cwd: ROOT, env });
      if (code !== 0) {
        return code;
      }
    }
    const debs = VERSIONS.map((version) => path.join(directory, `dockershim_${version}_${architecture}.deb`));
    return await runInEngineRoom(process.execPath, [INSIDE, ...debs], { cwd: ROOT });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
