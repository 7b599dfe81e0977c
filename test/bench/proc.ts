import { readFile } from 'node:fs/promises';

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

function megabytes(text: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match?.[1] === undefined) throw new Error(`/proc tells nothing of ${field}`);
  return Number(match[1]) / 1024;
}
