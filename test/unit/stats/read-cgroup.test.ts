import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOWHERE } from '../../support/cgroup-files';
import { readKernelFile } from '../../../src/host/kernel-file';
import type { CgroupDirectories } from '../../../src/stats/cgroup-directories';
import { readCgroup } from '../../../src/stats/read-cgroup';
import { usageFiles } from '../../../src/stats/usage-files';

const PRESSURE = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
const V1 = {
  'cpuacct.usage': '1000\n',
  'memory.usage_in_bytes': '2000\n',
  'memory.limit_in_bytes': '3000\n',
  'memory.memsw.limit_in_bytes': '3500\n',
  'memory.stat': 'total_rss 5\ntotal_swap 6\n',
  'pids.current': '4\n',
};
const V2 = {
  'cpu.stat': 'usage_usec 1\n',
  'cpu.pressure': PRESSURE,
  'memory.current': '2000\n',
  'memory.max': '3000\n',
  'memory.stat': 'anon 5\n',
  'memory.swap.current': '6\n',
  'memory.swap.max': '500\n',
  'memory.pressure': PRESSURE,
  'io.pressure': PRESSURE,
  'pids.current': '4\n',
};
const PRESSED = { some: expect.objectContaining({ totalNanoseconds: 7000n }), full: undefined };
const EVERYTHING = {
  at: 99n,
  cpuNanoseconds: 1000n,
  memory: expect.objectContaining({ usage: 2000n, limit: 3000n, rss: 5n }),
  swap: { usage: 6n, limit: 500n },
  tasks: 4n,
  pressure: { cpu: PRESSED, memory: PRESSED, io: PRESSED },
};
const NO_PRESSURE = { cpu: undefined, memory: undefined, io: undefined };

const made: string[] = [];

/** A directory with these files, in the place of a cgroup's. */
async function cgroup(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dockershim-cgroup-'));
  made.push(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

const v1 = (directory: string) => ({ ...NOWHERE, cpuacct: directory, memory: directory, pids: directory });
const v2 = (unified: string) => ({ ...NOWHERE, unified });
const read = (directories: CgroupDirectories) => readCgroup(readKernelFile, usageFiles(directories), 99n);

afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true });
});

test('v1', async () => {
  expect(read(v1(await cgroup(V1)))).toEqual({ ...EVERYTHING, pressure: NO_PRESSURE });
});

test('v2', async () => {
  expect(read(v2(await cgroup(V2)))).toEqual(EVERYTHING);
});

test('hybrid: controllers of v1, pressure of v2', async () => {
  const unified = await cgroup({ ...V2, 'cpu.stat': 'usage_usec 555\n', 'pids.current': '555\n' });

  expect(read({ ...v1(await cgroup(V1)), unified })).toEqual(EVERYTHING);
});

test('a host that accounts CPU time alone', async () => {
  expect(read(v2(await cgroup({ 'cpu.stat': V2['cpu.stat'] })))).toEqual({
    at: 99n,
    cpuNanoseconds: 1000n,
    memory: undefined,
    swap: undefined,
    tasks: undefined,
    pressure: NO_PRESSURE,
  });
});

test.each([v1, v2])('a cgroup that is gone', (directories) => {
  expect(read(directories('/nowhere/at/all'))).toBeUndefined();
});
