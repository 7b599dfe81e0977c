import {
  cgroupPath,
  processesOf,
  readCgroupFiles,
  writeCgroupFiles,
} from '../../../../src/host/cgroup/container-cgroup';
import { refusalOf } from '../../../support/refusal';

const ID = 'ab'.repeat(32);
/** This process is in no container of that id. */
const NOBODY = { containerId: ID, pid: process.pid };

it.each([
  ['cgroupfs', `0::/docker/${ID}\n`, '', `/docker/${ID}`],
  ['systemd', `0::/kubepods.slice/docker-${ID}.scope\n`, '', `/kubepods.slice/docker-${ID}.scope`],
  ['an init system inside', `0::/k.slice/docker-${ID}.scope/init.scope\n`, '', `/k.slice/docker-${ID}.scope`],
  ['crun', `0::/k.slice/docker-${ID}.scope/container\n`, '', `/k.slice/docker-${ID}.scope/container`],
  ['both versions', `5:memory:/docker/${ID}\n0::/pod/${ID}\n`, '', `/pod/${ID}`],
  ['version 1', `6:pids:/x\n5:hugetlb:/docker/${ID}\n0::/pod/${ID}\n`, 'hugetlb', `/hugetlb/docker/${ID}`],
  ['another controller of version 1', `5:memory:/docker/${ID}\n`, 'hugetlb', undefined],
  ['version 1 alone', `5:memory:/docker/${ID}\n`, '', undefined],
  ["somebody else's", '0::/system.slice/cron.service\n', '', undefined],
  ['an ended process', '', '', undefined],
])('the cgroup of a container: %s', (_how, processCgroups, controller, path) => {
  expect(cgroupPath(ID, processCgroups, controller)).toBe(path);
});

it.each(['../../../etc/cron.d/job', '/etc/passwd', '..', 'memory.high/../cgroup.procs', 'memory.high\n', ''])(
  'never writes to %j',
  async (file) => {
    const writing = writeCgroupFiles(NOBODY, { 'memory.high': '1', [file]: '1' });
    expect(await refusalOf(writing)).toBe(`FailedPrecondition: a cgroup has no file ${JSON.stringify(file)}`);
  },
);

it.each(['memory.high', 'hugetlb.2MB.max', 'hugetlb.2MB.limit_in_bytes'])(
  'writes to no cgroup but the container’s own: %s',
  async (file) => {
    expect(await refusalOf(writeCgroupFiles(NOBODY, { [file]: '1' }))).toMatch(
      /^FailedPrecondition: the cgroup's .* cannot be set to 1: .*no such cgroup/,
    );
    expect(readCgroupFiles(NOBODY, [file])).toEqual({});
    expect(await refusalOf(processesOf(NOBODY))).toMatch(/^FailedPrecondition: .*no cgroup/);
  },
);
