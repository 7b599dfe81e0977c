import { parseCount } from '../kernel-text';

/** The soft limit of open files in the text of /proc/[pid]/limits (proc(5)); undefined when there is none. */
export function openFilesLimit(limits: string | undefined): bigint | undefined {
  return parseCount(/^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]);
}
