import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInForeground } from './command.mjs';
import { runInEngineRoom } from './engine-room.mjs';
import { ROOT } from './project.mjs';
import { CannotGoOn, say } from './report.mjs';

const JEST = path.join(ROOT, 'node_modules/jest/bin/jest.js');

/** What a report of jest's counts; a test file that could not be run is one failure. */
function counts(report) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

/** Runs one of jest's projects through `runner`; answers whether all is well, and how many tests passed and failed. */
async function runProject(project, runner, args) {
  const directory = mkdtempSync(path.join(tmpdir(), 'dockershim-jest-'));
  const report = path.join(directory, 'report.json');
  try {
    // A failed test may leave a socket open: forceExit, or jest would wait for it for ever.
    const own = ['--selectProjects', project, '--passWithNoTests', '--forceExit', '--json', '--outputFile', report];
    const code = await runner(process.execPath, [JEST, ...own, ...args], { cwd: ROOT });
    if (code > 128) {
      throw new CannotGoOn(`The ${project} tests were ended by a signal.`);
    }
    return { ok: code === 0, ...counts(report) };
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
    say(`The ${project} tests did not get as far as running: see above.`);
    return { ok: false, passed: 0, failed: 0 };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function runUnitTests(args) {
  return runProject('unit', runInForeground, args);
}

/** Runs the engine tests on the engine that DOCKERSHIM_TEST_ENGINE names, or else on a private one. */
export function runEngineTests(args) {
  const runner = process.env.DOCKERSHIM_TEST_ENGINE ? runInForeground : runInEngineRoom;
  return runProject('engine', runner, ['--runInBand', ...args]);
}
