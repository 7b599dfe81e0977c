/** Writes docs/fields.md from the table in test/fields. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { ROOT } from './lib/project.mjs';
import { runMain, say } from './lib/report.mjs';

await runMain(async () => {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['test/fields/document.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  const { fieldDocument } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  writeFileSync(path.join(ROOT, 'docs/fields.md'), fieldDocument(ROOT));
  say('docs/fields.md');
  return 0;
});
