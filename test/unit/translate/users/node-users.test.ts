import type { HostConfig } from '../../../../src/docker/types';
import { withNodeUsers } from '../../../../src/translate/users/node-users';

const POD: HostConfig = { NetworkMode: 'default', IpcMode: 'shareable' };
const usersOf = (host: HostConfig, remapsUsers: boolean, sandboxMode?: string) =>
  withNodeUsers({ Image: 'i', HostConfig: host }, remapsUsers, sandboxMode).HostConfig.UsernsMode;

describe('on an engine that remaps users', () => {
  it.each<[string, HostConfig, string | undefined]>([
    ['a pod', POD, undefined],
    ['a privileged one', { ...POD, Privileged: true }, 'host'],
    ["one on the node's network", { ...POD, NetworkMode: 'host' }, 'host'],
    ["one among the node's processes", { ...POD, PidMode: 'host' }, 'host'],
    ["one with the node's IPC", { ...POD, IpcMode: 'host' }, 'host'],
    ["one that asks for the node's users", { ...POD, UsernsMode: 'host' }, 'host'],
  ])('%s', (_what, host, users) => {
    expect(usersOf(host, true)).toBe(users);
  });

  it('a container has the users of its sandbox', () => {
    const member = { NetworkMode: 'container:c0ffee', IpcMode: 'container:c0ffee' };
    expect(usersOf(member, true, 'host')).toBe('host');
    expect(usersOf(member, true, '')).toBeUndefined();
  });
});

it('other engines are told nothing', () => {
  expect(usersOf({ ...POD, Privileged: true }, false, 'host')).toBeUndefined();
});

it('the rest of the body stays', () => {
  const body = { Image: 'i', HostConfig: { Privileged: true, ShmSize: 1 } };
  expect(withNodeUsers(body, true)).toEqual({ Image: 'i', HostConfig: { ...body.HostConfig, UsernsMode: 'host' } });
});
