import { readKernelFile } from './kernel-file';

/**
 * When a process started, in clock ticks since boot; undefined when there is none with this id. A process id comes back
 * for another process some day, but not with the same start.
 */
export function processStart(pid: number): string | undefined {
  return parseProcessStart(readKernelFile(`/proc/${pid}/stat`) ?? '');
}

/** The 22nd field of /proc/[pid]/stat (proc(5)). The name, the second, may itself have blanks and parentheses. */
export function parseProcessStart(stat: string): string | undefined {
  const afterName = stat.lastIndexOf(') ');
  return afterName < 0 ? undefined : stat.slice(afterName + 2).split(' ')[19];
}
