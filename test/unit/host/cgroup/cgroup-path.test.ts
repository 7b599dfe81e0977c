import { namedCgroup, ownCgroup } from '../../../../src/host/cgroup/cgroup-path';

const ID = 'ab'.repeat(32);
const SCOPE = `/k.slice/docker-${ID}.scope`;

it.each([
  ['cgroupfs', `/docker/${ID}`, `/docker/${ID}`, `/docker/${ID}`],
  ['systemd', SCOPE, SCOPE, SCOPE],
  ['an init system inside', `${SCOPE}/init.scope`, SCOPE, SCOPE],
  ['crun', `${SCOPE}/container`, SCOPE, `${SCOPE}/container`],
  ['an init system in one of crun', `${SCOPE}/container/init.scope`, SCOPE, `${SCOPE}/container`],
  ['another name that begins so', `${SCOPE}/container-1`, SCOPE, SCOPE],
  ['crun without systemd, which makes none', `/docker/${ID}/container`, `/docker/${ID}`, `/docker/${ID}`],
  ['nobody', '/system.slice/cron.service', undefined, undefined],
])('%s', (_whose, path, named, own) => {
  expect(namedCgroup(path, ID)).toBe(named);
  expect(ownCgroup(path, ID)).toBe(own);
});
