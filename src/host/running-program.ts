import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = 0;

/** A process of a program, and what it was given. */
export interface RunningProgram {
  readonly pid: string;
  readonly args: readonly string[];
}

/**
 * The first process of the program `name`, by the name that the kernel has of it: at most 15 characters. A process may call
 * itself as it likes, so those of containers and those of other users, root aside, are passed over.
 * @param proc the process file system
 */
export async function runningProgram(name: string, proc: string): Promise<RunningProgram | undefined> {
  const pids = (await readdir(proc).catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    const comm = await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '');
    if (comm.trim() !== name || !(await isOfThisHost(proc, pid))) continue;
    const line = await readFile(join(proc, pid, 'cmdline'), 'utf8').catch(() => '');
    // Each word ends with a NUL, the last one too.
    return { pid, args: line.split('\0').slice(1, -1) };
  }
  return undefined;
}

async function isOfThisHost(proc: string, pid: string): Promise<boolean> {
  const mounts = (entry: string) => readlink(join(proc, entry, 'ns/mnt')).catch(() => undefined);
  const [own, its] = await Promise.all([mounts('self'), mounts(pid)]);
  const reader = process.getuid?.();
  // Who is not root can't see the namespace of root's processes, nor start their programs: the name is all there is.
  const same = its === undefined ? reader !== ROOT : its === own;
  const owner = (await stat(join(proc, pid)).catch(() => undefined))?.uid;
  return same && (owner === ROOT || owner === reader);
}
