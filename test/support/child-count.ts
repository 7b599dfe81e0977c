import { readFileSync } from 'node:fs';

/**
 * Goes up with every child of a process that has ended, however short its life was: the kernel's count of the page faults
 * of children that were waited for (field 11 of /proc/PID/stat).
 */
export function tracesOfChildren(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[8]);
}

/** The children that a process has now. */
export function childrenOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
}
