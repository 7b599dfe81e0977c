import { findCgroup, isSomewhere, parentCgroup } from '../../../src/stats/cgroup-directories';
import { NOWHERE } from '../../support/cgroup-files';
import { parseMountInfo } from '../../../src/stats/mount-info';

const ID = 'c0ffee'.repeat(10) + 'abcd';
const POD = '/kubepods/burstable/podu1';
const SLICE = '/kubepods.slice/kubepods-podu1.slice';
const SCOPE = `${SLICE}/docker-${ID}.scope`;

const cgroup1 = (mountPoint: string, controllers: string, root = '/') =>
  `30 20 0:30 ${root} ${mountPoint} rw shared:1 - cgroup cgroup rw,${controllers}\n`;
const cgroup2 = (mountPoint: string, root = '/') => `31 20 0:31 ${root} ${mountPoint} rw - cgroup2 cgroup2 rw\n`;

const V1 =
  cgroup1('/sys/fs/cgroup/cpu,cpuacct', 'cpu,cpuacct') +
  cgroup1('/sys/fs/cgroup/memory', 'memory') +
  cgroup1('/sys/fs/cgroup/pids', 'pids') +
  cgroup1('/sys/fs/cgroup/blkio', 'blkio') +
  cgroup1('/sys/fs/cgroup/hugetlb', 'hugetlb') +
  cgroup1('/sys/fs/cgroup/systemd', 'xattr,name=systemd');
const HYBRID = V1 + cgroup2('/sys/fs/cgroup/unified');
const V2 = cgroup2('/sys/fs/cgroup');

const everyV1 = (path: string) =>
  ['6:hugetlb', '5:blkio', '4:memory', '3:pids', '2:cpu,cpuacct', '1:name=systemd']
    .map((controllers) => `${controllers}:${path}\n`)
    .join('');
const inV1 = (path: string) => ({
  cpu: `/sys/fs/cgroup/cpu,cpuacct${path}`,
  cpuacct: `/sys/fs/cgroup/cpu,cpuacct${path}`,
  memory: `/sys/fs/cgroup/memory${path}`,
  pids: `/sys/fs/cgroup/pids${path}`,
  blkio: `/sys/fs/cgroup/blkio${path}`,
  hugetlb: `/sys/fs/cgroup/hugetlb${path}`,
});

test.each([
  ['v1', everyV1(`${POD}/${ID}`), V1, { ...NOWHERE, ...inV1(`${POD}/${ID}`) }],
  ['v2', `0::${SCOPE}\n`, V2, { ...NOWHERE, unified: `/sys/fs/cgroup${SCOPE}` }],
  ['hybrid', `${everyV1(SCOPE)}0::${SCOPE}\n`, HYBRID, { ...inV1(SCOPE), unified: `/sys/fs/cgroup/unified${SCOPE}` }],
  [
    'hybrid, with an engine that knows of no unified hierarchy',
    `${everyV1(`/docker/${ID}`)}0::/system.slice/docker.service\n`,
    HYBRID,
    { ...NOWHERE, ...inV1(`/docker/${ID}`) },
  ],
  [
    'an init system that moved itself down',
    `0::${SCOPE}/init.scope\n`,
    V2,
    { ...NOWHERE, unified: `/sys/fs/cgroup${SCOPE}` },
  ],
  ['crun', `0::${SCOPE}/container\n`, V2, { ...NOWHERE, unified: `/sys/fs/cgroup${SCOPE}/container` }],
  [
    'a part of the hierarchy mounted',
    `0::/outer/docker/${ID}\n`,
    cgroup2('/sys/fs/cgroup', '/outer'),
    { ...NOWHERE, unified: `/sys/fs/cgroup/docker/${ID}` },
  ],
  ['another part mounted', `0::/other/docker/${ID}\n`, cgroup2('/sys/fs/cgroup', '/outer'), NOWHERE],
  ['outside of the cgroup namespace', `0::/../../docker/${ID}\n`, V2, NOWHERE],
  ["somebody else's process", '0::/user.slice/session-1.scope\n', V2, NOWHERE],
  ['a colon in a path', `0::/a:b/${ID}\n`, V2, { ...NOWHERE, unified: `/sys/fs/cgroup/a:b/${ID}` }],
  ['no process', '', V2, NOWHERE],
  ['no mounts', `0::/docker/${ID}\n`, '', NOWHERE],
])('%s', (_what, processCgroups, mounts, directories) => {
  const found = findCgroup(ID, processCgroups, parseMountInfo(mounts));

  expect(found).toEqual(directories);
  expect(isSomewhere(found)).toBe(directories !== NOWHERE);
});

test("a pod's cgroup is the one above", () => {
  const container = findCgroup(ID, everyV1(`${POD}/${ID}`), parseMountInfo(V1));

  expect(parentCgroup(ID, container)).toEqual({ ...NOWHERE, ...inV1(POD) });
});

test("a pod's cgroup is above the scope that crun has made one in", () => {
  const container = findCgroup(ID, `0::${SCOPE}/container\n`, parseMountInfo(V2));

  expect(parentCgroup(ID, container)).toEqual({ ...NOWHERE, unified: `/sys/fs/cgroup${SLICE}` });
});
