import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A process of a program, and what it was given. */
export interface RunningProgram {
  readonly pid: string;
  readonly args: readonly string[];
}

/**
 * The first process of the program `name`, by the name that the kernel has of it: at most 15 characters.
 * @param proc the process file system
 */
export async function runningProgram(name: string, proc: string): Promise<RunningProgram | undefined> {
  const pids = (await readdir(proc).catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    const comm = await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '');
    if (comm.trim() !== name) continue;
    const line = await readFile(join(proc, pid, 'cmdline'), 'utf8').catch(() => '');
    // Each word ends with a NUL, the last one too.
    return { pid, args: line.split('\0').slice(1, -1) };
  }
  return undefined;
}
