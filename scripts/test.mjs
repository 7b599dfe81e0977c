/**
 * npm test: installs, builds, checks style and types, runs every test, and then the life of the package. Arguments go to
 * both runs of jest, and leave the package out. With CI set, the programs that some tests ask are installed first; elsewhere
 * these tests are skipped where the programs are missing.
 */
import { runQuietly } from './lib/command.mjs';
import { installMissing } from './lib/debian.mjs';
import { runEngineTests, runUnitTests } from './lib/jest.mjs';
import { ROOT, build, checkNode, install } from './lib/project.mjs';
import { phase, runMain, say } from './lib/report.mjs';

/** Who judges the man page, the units and the completions: command → Debian package. */
const JUDGES = { groff: 'groff-base', man: 'man-db', 'systemd-analyze': 'systemd', zsh: 'zsh', fish: 'fish' };

/** Runs an npm script as a phase; answers whether it passed, after printing what it said if it did not. */
async function passes(script) {
  try {
    await phase(script, () => runQuietly('npm', ['run', '--silent', script], { cwd: ROOT }));
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

await runMain(async (args) => {
  checkNode();
  await install();
  await build();
  if (process.env.CI) {
    await installMissing(JUDGES);
  }
  const checks = { lint: await passes('lint'), types: await passes('types') };
  const unit = await runUnitTests(args);
  const engine = await runEngineTests(args);
  if (args.length === 0) {
    checks['test:package'] = await passes('test:package');
  }
  const failedChecks = Object.keys(checks).filter((name) => !checks[name]);
  if (failedChecks.length > 0) {
    say(`Not only jest's tests count: ${failedChecks.join(' and ')} failed, see above.`);
  }
  const passed = unit.passed + engine.passed;
  say(`${passed} passed, ${unit.failed + engine.failed} failed`);
  return unit.ok && engine.ok && passed > 0 && failedChecks.length === 0 ? 0 : 1;
});
