import { readFile, writeFile } from 'node:fs/promises';

const FILE = '/proc/self/oom_score_adj';
const LEAST = -1000;

/**
 * The lowest OOM score that containers can be given on this host. Lowering one's score needs CAP_SYS_RESOURCE, which
 * nested and CI machines lack: there the score that this process has is as low as it goes, for the engine is its
 * neighbour. The way to know is to try, on this process, and to take it back.
 */
export async function lowestOomScore(): Promise<number> {
  const own = Number.parseInt(await readFile(FILE, 'utf8'), 10);
  if (own <= LEAST) return LEAST;
  try {
    await writeFile(FILE, String(own - 1));
    await writeFile(FILE, String(own));
    return LEAST;
  } catch {
    return own;
  }
}
