import path from 'node:path';
import { MAY_IMPORT, breaches, unusedEdges } from '../support/house-rules';
import type { SourceFile } from '../support/source-graph';
import { parseSource, readSources } from '../support/source-graph';

const ROOT = path.join(__dirname, '../..');

/** Files made up for a test: name → text. */
function madeUp(files: Record<string, string>): SourceFile[] {
  return Object.entries(files).map(([name, text]) => parseSource(name, text));
}

test('the source tree keeps the rules of the house', () => {
  const files = readSources(ROOT, 'src');

  expect(files.length).toBeGreaterThan(0);
  expect(breaches(files)).toEqual([]);
});

test('the table of rooms allows no import that no file makes', () => {
  expect(unusedEdges(readSources(ROOT, 'src'))).toEqual([]);
  expect(unusedEdges([])).toContain('no file needs image → docker: take it out of MAY_IMPORT');
});

describe('the checker finds', () => {
  test.each([
    ['an import upwards', 'src/host/proc', `import { app } from '../app';`, /host may not import app/],
    ['an import of types upwards', 'src/lib/log', `import type { A } from '../cri/a';`, /lib may not import cri/],
    ['an export of what is above', 'src/store/a', `export { b } from '../index/b';`, /store may not import index/],
    ['a lazy import upwards', 'src/store/a', `const b = await import('../index/b');`, /store may not import index/],
    ['a type imported in place', 'src/store/a', `type B = import('../index/b').B;`, /store may not import index/],
    ['a neighbour', 'src/sandbox/run', `import { stop } from '../container/stop';`, /sandbox may not import container/],
    [
      'configuration below the wiring',
      'src/cri/a',
      `import type { C } from '../config/c';`,
      /cri may not import config/,
    ],
    ['translate using more of Docker than types', 'src/translate/a', `import { b } from '../docker/types';`, /may not/],
    ['translate measuring by itself', 'src/translate/a', `import { b } from '../stats/usage';`, /may not import stats/],
    ['a room that nobody planned', 'src/misc/a', '', /no known room/],
    ['dockerode outside its room', 'src/image/pull', `import Docker from 'dockerode';`, /imports dockerode/],
    ['a barrel', 'src/image/index', '', /says nothing/],
    ['a drawer for junk', 'src/image/helpers', '', /says nothing/],
    ['an exit below main', 'src/app', 'process.exit(1);', /process\.exit/],
    ['a print below main and cli', 'src/app', `console.log('hello');`, /console/],
    ['a long file', 'src/app', 'x();\n'.repeat(301), /301 lines/],
  ])('%s', (_what, name, text, sentence) => {
    expect(breaches(madeUp({ [name]: text }))).toEqual([expect.stringMatching(sentence)]);
  });

  test('a cycle of files in one room', () => {
    const files = madeUp({
      'src/lib/a': `import { b } from './b';`,
      'src/lib/b': `import { c } from './c';`,
      'src/lib/c': `import type { A } from './a';`,
    });

    expect(breaches(files)).toEqual(['src/lib/a → src/lib/b → src/lib/c → src/lib/a']);
  });
});

test('the rooms stand in one order, and import only what is below them', () => {
  const rooms = Object.keys(MAY_IMPORT);
  const upwards = Object.entries(MAY_IMPORT).flatMap(([room, others]) =>
    others.filter((other) => rooms.indexOf(other) <= rooms.indexOf(room)).map((other) => `${room} → ${other}`),
  );
  expect(upwards).toEqual([]);
});

describe('the checker lets pass', () => {
  test.each([
    ['an import downwards', 'src/sandbox/a', `import { find } from '../index/find';`],
    ['an import in the room', 'src/streaming/spdy/a', `import { b } from '../tokens';`],
    ["Docker's types in translate", 'src/translate/a', `import type { Mount } from '../docker/types';`],
    ["the meters' types in translate", 'src/translate/a', `import type { Usage } from '../stats/usage';`],
    ['generated code', 'src/translate/a', `import { Mount } from '../../generated/runtime/v1/api';`],
    ['the end of the process in main', 'src/main', 'process.exit(1);'],
    ['a word in a comment', 'src/lib/a', '// process.exit, console.log'],
    ['300 lines', 'src/app', 'x();\n'.repeat(300)],
  ])('%s', (_what, name, text) => {
    expect(breaches(madeUp({ [name]: text }))).toEqual([]);
  });
});
