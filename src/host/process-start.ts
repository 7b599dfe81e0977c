import { readKernelFile } from './kernel-file';

/**
 * When a process started, in clock ticks since boot; undefined when there is none with this id. A process id comes back
 * for another process some day, but not with the same start.
 */
export function processStart(pid: number): string | undefined {
  return parseProcessStart(readKernelFile(`/proc/${pid}/stat`) ?? '');
}

/**
 * The 22nd field of /proc/[pid]/stat (proc(5)). The name, the second, may itself have blanks and parentheses. The others
 * are passed over, not made: this is asked of every container that is measured.
 */
export function parseProcessStart(stat: string): string | undefined {
  let at = stat.lastIndexOf(') ');
  for (let field = 2; field < 22 && at >= 0; field += 1) at = stat.indexOf(' ', at + 1);
  if (at < 0) return undefined;
  const end = stat.indexOf(' ', at + 1);
  return stat.slice(at + 1, end < 0 ? undefined : end);
}
