import { readFileSync } from 'node:fs';
import { lowestOomScore } from '../../../src/host/oom-score';

it('is what the kernel lets a process have, and this process keeps its own', async () => {
  const own = readFileSync('/proc/self/oom_score_adj', 'utf8');
  const lowest = await lowestOomScore();
  // With CAP_SYS_RESOURCE any; without, no process can sink below its own.
  expect([-1000, Number(own)]).toContain(lowest);
  expect(readFileSync('/proc/self/oom_score_adj', 'utf8')).toBe(own);
});
