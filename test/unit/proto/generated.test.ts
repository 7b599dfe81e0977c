import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');

describe('generated/', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'dockershim-generated-'));
    execFileSync(resolve(root, 'node_modules/.bin/buf'), ['generate', '-o', scratch], { cwd: root });
  }, 120_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('is what `npm run generate` makes of proto/', () => {
    const committed = files(join(root, 'generated'));
    const made = files(join(scratch, 'generated'));
    expect([...made.keys()]).toEqual([...committed.keys()]);
    const stale = [...made].filter(([path, text]) => committed.get(path) !== text).map(([path]) => path);
    expect(stale).toEqual([]);
  });
});

/** The files below a directory by their paths in it, in order, with what's in them. */
function files(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { encoding: 'utf8', recursive: true }).sort();
  return new Map(
    paths
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path), 'utf8')]),
  );
}
