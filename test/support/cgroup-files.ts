import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CgroupDirectories } from '../../src/stats/cgroup-directories';

/** A container without a cgroup. */
export const NOWHERE: CgroupDirectories = {
  cpu: undefined,
  cpuacct: undefined,
  memory: undefined,
  pids: undefined,
  blkio: undefined,
  hugetlb: undefined,
  unified: undefined,
};

/** A directory with these files, in the place of a cgroup's. Who asks for it removes it. */
export function cgroupWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'dockershim-cgroup-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}
