import { ShimError } from '../../../../src/lib/errors';
import { readSeccomp, requireAppArmor, type HostProfiles } from '../../../../src/translate/security/host-profiles';

const host: HostProfiles = {
  requireAppArmorProfile: (name) => {
    if (name !== 'loaded') throw new ShimError('InvalidArgument', `${name} is not loaded`);
  },
  readSeccompProfile: (path) => Promise.resolve(`{"from":"${path}"}`),
};

test('only a named AppArmor profile has to be on the host', () => {
  expect(() => requireAppArmor(host, undefined)).not.toThrow();
  expect(() => requireAppArmor(host, { kind: 'unconfined' })).not.toThrow();
  expect(() => requireAppArmor(host, { kind: 'engine default' })).not.toThrow();
  expect(() => requireAppArmor(host, { kind: 'profile', name: 'loaded' })).not.toThrow();
  expect(() => requireAppArmor(host, { kind: 'profile', name: 'mine' })).toThrow('mine is not loaded');
});

test('a seccomp profile in a file is read, any other wish stays', async () => {
  await expect(readSeccomp(host, { kind: 'file', path: '/p' })).resolves.toEqual({
    kind: 'profile',
    json: '{"from":"/p"}',
  });
  await expect(readSeccomp(host, { kind: 'unconfined' })).resolves.toEqual({ kind: 'unconfined' });
  await expect(readSeccomp(host, { kind: 'engine default' })).resolves.toEqual({ kind: 'engine default' });
});
