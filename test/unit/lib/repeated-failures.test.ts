import { RepeatedFailures } from '../../../src/lib/repeated-failures';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';

let lines: LogLine[];
let failures: RepeatedFailures<string>;

beforeEach(() => {
  lines = [];
  failures = new RepeatedFailures();
});

const fail = (what: string) => failures.log(keptLog(lines), what, 'it failed', { what });
const told = () => lines.map(({ level, fields }) => `${level} ${String(fields.what)}`);

it('warns of the first failure of each, until it has succeeded', () => {
  for (const what of ['a', 'a', 'b', 'a']) fail(what);
  failures.succeeded('a');
  for (const what of ['b', 'a', 'a']) fail(what);
  expect(told()).toEqual(['warn a', 'debug a', 'warn b', 'debug a', 'debug b', 'warn a', 'debug a']);
});

it('forgets what is not tried any more', () => {
  for (const what of ['a', 'b']) fail(what);
  failures.keepOnly(new Set(['b', 'c']));
  for (const what of ['a', 'b']) fail(what);
  expect(told()).toEqual(['warn a', 'warn b', 'warn a', 'debug b']);
});
