import { unifiedPath, writeUnified } from '../../../src/host/unified-cgroup';
import { refusal, refusalOf } from '../../support/refusal';

const ID = 'ab'.repeat(32);

it.each([
  ['cgroupfs', `0::/docker/${ID}\n`, `/docker/${ID}`],
  ['systemd', `0::/kubepods.slice/docker-${ID}.scope\n`, `/kubepods.slice/docker-${ID}.scope`],
  ['an init system inside', `0::/kubepods.slice/docker-${ID}.scope/init.scope\n`, `/kubepods.slice/docker-${ID}.scope`],
  ['both versions', `5:memory:/docker/${ID}\n0::/pod/${ID}\n`, `/pod/${ID}`],
])('the cgroup of a container: %s', (_how, processCgroups, path) => {
  expect(unifiedPath(ID, processCgroups)).toBe(path);
});

it.each([
  ['version 1 alone', `5:memory:/docker/${ID}\n`],
  ["somebody else's", '0::/system.slice/cron.service\n'],
])('is not found: %s', (_how, processCgroups) => {
  expect(refusal(() => unifiedPath(ID, processCgroups))).toMatch(/^FailedPrecondition: .*no cgroup of version 2/);
});

it.each(['../../../etc/cron.d/job', '/etc/passwd', '..', 'memory.high/../cgroup.procs', 'memory.high\n', ''])(
  'never writes to %j',
  async (file) => {
    const writing = writeUnified(ID, process.pid, { 'memory.high': '1', [file]: '1' });
    expect(await refusalOf(writing)).toBe(`FailedPrecondition: a cgroup has no file ${JSON.stringify(file)}`);
  },
);
