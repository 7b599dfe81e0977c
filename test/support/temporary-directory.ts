import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Gives each test of the file a directory of its own, which is removed afterwards. */
export function temporaryDirectory(): { path(...names: string[]): string } {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'dockershim-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return { path: (...names) => path.join(directory, ...names) };
}
