import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lowestOomScore } from '../../../src/host/oom-score';

let directory: string;
let score: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oom-score-'));
  score = join(directory, 'oom_score_adj');
});

afterEach(() => rmSync(directory, { recursive: true }));

it('is the least there is where the process may have a lower score, and it keeps its own', async () => {
  writeFileSync(score, '-5\n');
  expect(await lowestOomScore(score)).toBe(-1000);
  expect(readFileSync(score, 'utf8')).toBe('-5');
});

it('is the score of the process where the kernel refuses a lower one', async () => {
  // A number that no process may write, root's neither.
  const refusing = '/proc/sys/kernel/ngroups_max';
  expect(await lowestOomScore(refusing)).toBe(Number(readFileSync(refusing, 'utf8')));
});

it('is not tried where the process has the least already', async () => {
  writeFileSync(score, '-1000\n');
  expect(await lowestOomScore(score)).toBe(-1000);
  expect(readFileSync(score, 'utf8')).toBe('-1000\n');
});

it('of this process leaves it the one that it has', async () => {
  const own = readFileSync('/proc/self/oom_score_adj', 'utf8');
  await lowestOomScore();
  expect(readFileSync('/proc/self/oom_score_adj', 'utf8')).toBe(own);
});
