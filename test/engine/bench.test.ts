import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `npm run bench`, as small as it goes: nobody runs all of its subjects often, and what they rely on changes. The figures
 * are not looked at. Left out are `rpc`, `stats` and `steady`, which take minutes.
 */
jest.setTimeout(600_000);

const SUBJECTS = 'life,cni,exec,port-forward,logs,memory,start';
const SMALLEST = ['--pods', '1', '--rounds', '1', '--execs', '5', '--log-mb', '5'];

interface Report {
  readonly tables: readonly {
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  }[];
}

let directory: string;
let report: Report;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bench-'));
  const json = join(directory, 'figures.json');
  const script = join(__dirname, '../../scripts/bench.mjs');
  await promisify(execFile)(process.execPath, [script, ...SMALLEST, '--only', SUBJECTS, '--json', json]);
  report = JSON.parse(await readFile(json, 'utf8')) as Report;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test.each([
  "One pod's whole life, with one container",
  "One pod's whole life, on a network of CNI plugins",
  'Output of a command',
  'Version, 1200 calls',
  'Memory of the shim after so many commands',
  '5 MB of output at full speed',
  'Memory of the process',
  'The start of the shim',
])('measures: %s', (title) => {
  const table = report.tables.find((one) => one.title.startsWith(title));
  expect(table?.rows.length).toBeGreaterThan(0);
});

// They are measured beside socat.
const beside = spawnSync('socat', ['-V']).status === 0 ? test : test.skip;
beside.each(['A new connection to a pod', '512 MiB over one connection'])('measures: %s', (title) => {
  expect(report.tables.find((one) => one.title.startsWith(title))?.rows.length).toBeGreaterThan(0);
});

test('every line of a container that logs at full speed is in its log when CRI tells of its end', () => {
  const { columns = [], rows = [] } = report.tables.find((one) => one.title.startsWith('5 MB')) ?? {};
  const missing = columns.indexOf('lines missing');
  expect(rows.at(-1)?.[missing]).toBe(0);
});
