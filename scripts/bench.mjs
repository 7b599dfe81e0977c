/** npm run bench: measures the shim on the engine that DOCKERSHIM_TEST_ENGINE names, or else on a private one. */
import path from 'node:path';
import { runInForeground } from './lib/command.mjs';
import { runInEngineRoom } from './lib/engine-room.mjs';
import { NODE_ENVIRONMENT, NODE_FLAGS, ROOT, build, checkNode, install } from './lib/project.mjs';
import { runMain } from './lib/report.mjs';

const BENCH = path.join(ROOT, 'node_modules/.cache/dockershim-bench.cjs');

await runMain(async (args) => {
  checkNode();
  await install();
  const help = args.includes('--help');
  // A bundle that is named is measured as it is.
  if (!help && !args.some((arg) => arg.startsWith('--bundle'))) {
    await build();
  }
  // Only now: before the install there may be no esbuild.
  const { build: bundle } = await import('esbuild');
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: ['test/bench/main.ts'],
    outfile: BENCH,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  const runner = help || process.env.DOCKERSHIM_TEST_ENGINE ? runInForeground : runInEngineRoom;
  const env = { ...NODE_ENVIRONMENT, ...process.env };
  return runner(process.execPath, [BENCH, `--node-flags=${NODE_FLAGS.join(' ')}`, ...args], { cwd: ROOT, env });
});
