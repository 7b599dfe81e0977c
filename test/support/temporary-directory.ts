import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Gives each test of the file a directory of its own, which is removed afterwards; outside of a test there is none. */
export function temporaryDirectory(): { path(...names: string[]): string } {
  let directory: string | undefined;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'dockershim-test-'));
  });
  afterEach(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    directory = undefined;
  });
  return {
    path(...names) {
      if (directory === undefined) throw new Error('a temporary directory is there only while a test runs');
      return path.join(directory, ...names);
    },
  };
}
