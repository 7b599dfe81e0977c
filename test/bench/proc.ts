import { readFile } from 'node:fs/promises';

/** USER_HZ, 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** What a process takes of memory, in MB. */
export interface Memory {
  readonly rss: number;
  /** What is its own alone and has been written to. */
  readonly privateDirty: number;
  /** The most that `rss` has been. */
  readonly peak: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const [smaps, status] = await Promise.all([
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  return {
    rss: megabytes(smaps, 'Rss'),
    privateDirty: megabytes(smaps, 'Private_Dirty'),
    peak: megabytes(status, 'VmHWM'),
  };
}

/** The processor time that a process has taken, its own and the kernel's for it, in milliseconds. */
export async function processorTimeOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc(5): the command's name, in parentheses, may have spaces; utime and stime are the 12th and 13th after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function megabytes(text: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match?.[1] === undefined) throw new Error(`/proc tells nothing of ${field}`);
  return Number(match[1]) / 1024;
}
