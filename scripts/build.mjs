/** Makes dist/dockershim.js, the daemon in one file, and dist/THIRD-PARTY.txt, the licences of the packages in it. */
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { builtFrom } from './lib/built-from.mjs';
import { leaveOut } from './lib/left-out.mjs';
import { BUNDLE, ROOT } from './lib/project.mjs';
import { runMain, say } from './lib/report.mjs';
import { thirdPartyNotices } from './lib/third-party.mjs';

await runMain(async () => {
  const { metafile } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts'],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Names stay, for stack traces; without the white space Node takes 2.5 MB less.
    minifyWhitespace: true,
    lineLimit: 120,
    define: { DOCKERSHIM_BUILT_FROM: JSON.stringify(builtFrom(ROOT)) },
    banner: { js: '#!/usr/bin/env node' },
    legalComments: 'eof',
    metafile: true,
    plugins: [leaveOut],
    logLevel: 'warning',
  });
  chmodSync(BUNDLE, 0o755);
  writeFileSync(path.join(path.dirname(BUNDLE), 'THIRD-PARTY.txt'), thirdPartyNotices(metafile, ROOT));
  say(`dist/dockershim.js: ${(statSync(BUNDLE).size / 1e6).toFixed(1)} MB`);
  return 0;
});
