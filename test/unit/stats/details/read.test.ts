import { rmSync } from 'node:fs';
import { readDetails, type CgroupDetails } from '../../../../src/stats/details/read';
import { cgroupWith, NOWHERE } from '../../../support/cgroup-files';

const UNLIMITED = '9223372036854771712\n';
const V1 = {
  'cpuacct.stat': 'user 150\nsystem 25\n',
  'cpu.stat': 'nr_periods 100\nnr_throttled 40\nthrottled_time 3000000000\nnr_bursts 0\nburst_time 0\n',
  'memory.stat': `cache 1
rss 2
pgfault 70
pgmajfault 7
hierarchical_memory_limit 3
total_cache 11
total_rss 12
total_mapped_file 13
total_pgfault 80
total_pgmajfault 8
`,
  'memory.kmem.usage_in_bytes': '500\n',
  'memory.max_usage_in_bytes': '9000\n',
  'memory.failcnt': '4\n',
  'memory.memsw.failcnt': '5\n',
  'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  'memory.soft_limit_in_bytes': UNLIMITED,
  'blkio.throttle.io_service_bytes_recursive': '8:0 Read 4096\nTotal 4096\n',
  'blkio.throttle.io_serviced_recursive': '8:0 Read 1\nTotal 1\n',
  'hugetlb.2MB.usage_in_bytes': '2097152\n',
  'hugetlb.2MB.max_usage_in_bytes': '4194304\n',
  'pids.max': 'max\n',
};
const V2 = {
  'cpu.stat': `usage_usec 1750000
user_usec 1500000
system_usec 250000
nice_usec 0
nr_periods 100
nr_throttled 40
throttled_usec 3000000
nr_bursts 0
burst_usec 0
`,
  'memory.stat': `anon 12
file 11
kernel 500
kernel_stack 16384
pagetables 4096
file_mapped 13
slab 100
slab_unreclaimable 50
pgfault 80
pgmajfault 8
`,
  'memory.peak': '9000\n',
  'memory.events': 'low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n',
  'memory.low': '0\n',
  'io.stat': '8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
  'hugetlb.2MB.current': '2097152\n',
  'pids.max': 'max\n',
};
const EVERYTHING = {
  cpu: { user: 1_500_000_000n, system: 250_000_000n, periods: 100n, throttledPeriods: 40n, throttled: 3_000_000_000n },
  memory: {
    cache: 11n,
    kernel: 500n,
    mappedFile: 13n,
    peak: 9000n,
    limitHits: 9n,
    ownPageFaults: 70n,
    ownMajorPageFaults: 7n,
    oomKills: 2n,
    reservation: 0n,
  },
  hugepages: [{ size: '2MB', usage: 2_097_152n, peak: 4_194_304n }],
  mostTasks: 0n,
};

const made: string[] = [];

function read(files: Readonly<Record<string, string>>, version: 1 | 2): CgroupDetails {
  const at = cgroupWith(files);
  made.push(at);
  const v1 = { cpu: at, cpuacct: at, memory: at, pids: at, blkio: at, hugetlb: at, unified: undefined };
  return readDetails(version === 1 ? v1 : { ...NOWHERE, unified: at }, ['2MB', '1GB']);
}

const operationsOf = ({ io }: CgroupDetails) => io.map(({ device, bytes }) => [device, bytes.get('Read')]);

afterEach(() => made.splice(0).forEach((directory) => rmSync(directory, { recursive: true })));

test('v1', () => {
  const found = read(V1, 1);

  expect(found).toMatchObject(EVERYTHING);
  expect(operationsOf(found)).toEqual([['8:0', 4096n]]);
});

test('v2, which tells neither own faults nor the most huge pages', () => {
  const found = read(V2, 2);

  expect(found).toMatchObject({
    ...EVERYTHING,
    memory: { ...EVERYTHING.memory, ownPageFaults: 80n, ownMajorPageFaults: 8n },
    hugepages: [{ size: '2MB', usage: 2_097_152n, peak: undefined }],
  });
  expect(operationsOf(found)).toEqual([['8:0', 4096n]]);
});

test('v2 before Linux 5.18 has the parts of what the kernel uses, and no peak', () => {
  const { 'memory.peak': _peak, ...files } = V2;
  const stat = V2['memory.stat'].replace('kernel 500\n', '');

  expect(read({ ...files, 'memory.stat': stat }, 2).memory).toMatchObject({
    kernel: 16_384n + 4096n + 100n,
    peak: undefined,
  });
});

test.each([
  ['a limit', '512\n', 512n],
  ['none', 'max\n', 0n],
])('tasks: %s', (_what, text, mostTasks) => {
  expect(read({ 'pids.max': text }, 2).mostTasks).toBe(mostTasks);
});

test('a v1 kernel that does not account swap', () => {
  const { 'memory.memsw.failcnt': _swap, ...files } = V1;

  expect(read(files, 1).memory.limitHits).toBe(4n);
});

test.each([1, 2] as const)('v%s: what is not there is undefined', (version) => {
  const { cpu, memory, io, hugepages, mostTasks } = read({}, version);

  expect([...Object.values(cpu), ...Object.values(memory), mostTasks].filter((one) => one !== undefined)).toEqual([]);
  expect([io, hugepages]).toEqual([[], []]);
});
