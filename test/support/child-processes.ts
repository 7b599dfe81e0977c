import { readdir, readFile } from 'node:fs/promises';

/** The numbers of this process's children whose command line has the word in it. */
export async function childrenWith(word: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isChildWith(pid, word)) ? [pid] : [])));
  return found.flat();
}

async function isChildWith(pid: number, word: string): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    return Number(parent) === process.pid && (await readFile(`/proc/${pid}/cmdline`, 'latin1')).includes(word);
  } catch {
    // It has just ended.
    return false;
  }
}

/** Waits until no process has this number. */
export async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
