import { writeFileSync } from 'node:fs';
import { OomKills, oomKilledContainer } from '../../../src/host/oom-kills';
import { silentLog } from '../../../src/lib/log';
import { temporaryDirectory } from '../../support/temporary-directory';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'f'.repeat(64);

const root = temporaryDirectory();

function record(memcg: string): string {
  return (
    '6,1234,5678901,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,' +
    `oom_memcg=/docker/${OTHER},task_memcg=${memcg},task=dd,pid=42,uid=0\n SUBSYSTEM=memory\n`
  );
}

it.each([
  ['cgroupfs', `/docker/${ID}`],
  ['a pod on cgroupfs', `/kubepods/burstable/pod1/${ID}`],
  ['systemd', `/system.slice/docker-${ID}.scope`],
  ['a pod on systemd', `/kubepods.slice/kubepods-pod1.slice/docker-${ID}.scope`],
  ['a group inside of the container', `/docker/${ID}/init.scope`],
  ['an engine in a container', `/docker/${OTHER}/docker/${ID}`],
])('finds the container of a kill: %s', (_what, memcg) => {
  expect(oomKilledContainer(record(memcg))).toBe(ID);
});

it.each([
  ['a process of the host', record('/user.slice/user-0.slice/session-1.scope')],
  ['the root', record('/')],
  ['an id that is too short', record(`/docker/${ID.slice(1)}`)],
  ['another message', `6,1,2,-;Memory cgroup out of memory: Killed process 42 (dd) task_memcg=/docker/${ID}\n`],
  ['what a process wrote there about a kill', `12,1,2,-;hello oom-kill:x,task_memcg=/docker/${ID},task=dd\n`],
  ['nothing', ''],
])('finds none in %s', (_what, text) => {
  expect(oomKilledContainer(text)).toBeUndefined();
});

it("reads the kernel's log when it is asked", () => {
  const kernelLog = root.path('kmsg');
  writeFileSync(kernelLog, record(`/docker/${ID}`));
  const kills = new OomKills(silentLog, kernelLog);

  expect([kills.has(ID), kills.has(OTHER)]).toEqual([true, false]);
  kills.close();
});

it('says once that the log cannot be read, and reads it when it can', () => {
  const kernelLog = root.path('kmsg');
  const warnings: string[] = [];
  const kills = new OomKills({ ...silentLog, warn: (message) => warnings.push(message) }, kernelLog);

  expect([kills.has(ID), kills.has(ID)]).toEqual([false, false]);
  expect(warnings).toEqual([expect.stringMatching(/^the kernel's log cannot be read: .*CAP_SYSLOG$/)]);

  writeFileSync(kernelLog, record(`/docker/${ID}`));
  expect(kills.has(ID)).toBe(true);
  kills.close();
});
