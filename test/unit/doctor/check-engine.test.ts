import {
  cgroupFinding,
  engineFinding,
  liveRestoreFinding,
  logDriverFinding,
  storageFinding,
  usersFinding,
} from '../../../src/doctor/check-engine';
import type { KubeletSettings } from '../../../src/doctor/kubelet-settings';
import type { EngineInfo } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';

const INFO: EngineInfo = {
  Driver: 'overlay2',
  DockerRootDir: '/var/lib/docker',
  CgroupDriver: 'systemd',
  CgroupVersion: '2',
  LoggingDriver: 'json-file',
  LiveRestoreEnabled: true,
};
const KUBELET: KubeletSettings = {
  running: true,
  complete: true,
  sources: ['/var/lib/kubelet/config.yaml'],
  cgroupDriver: 'systemd',
  runtimeEndpoint: undefined,
  runtime: undefined,
  flags: new Map(),
  endpointFlagFile: undefined,
  endpointFile: undefined,
};

describe('the engine', () => {
  it('is named with its version and API', () => {
    const engine = { answered: true, version: { Version: '20.10.24', ApiVersion: '1.41' }, info: INFO } as const;
    expect(engineFinding(engine, '/run/docker.sock')).toEqual({
      subject: 'engine',
      level: 'ok',
      says: 'Docker 20.10.24 on /run/docker.sock, API 1.41',
    });
  });

  it('may be newer than the shim', () => {
    const engine = { answered: true, version: { Version: '31.0', ApiVersion: '1.60' }, info: INFO } as const;
    expect(engineFinding(engine, '/run/docker.sock').says).toBe(
      'Docker 31.0 on /run/docker.sock, API 1.60, of which the shim speaks 1.51',
    );
  });

  it('is a problem when it cannot be used, with its own words', () => {
    const engine = { answered: false, error: new ShimError('Unavailable', 'it hung up') } as const;
    expect(engineFinding(engine, '/run/docker.sock')).toMatchObject({
      level: 'problem',
      says: 'no Docker Engine can be used on /run/docker.sock: it hung up',
    });
  });
});

it.each([
  ['overlay2', 'ok'],
  ['overlayfs', 'ok'],
  ['btrfs', 'ok'],
  ['vfs', 'warning'],
  ['aufs', 'warning'],
])('the storage driver %s is %s', (Driver, level) => {
  expect(storageFinding({ ...INFO, Driver }).level).toBe(level);
});

const DIFFER = /Docker's cgroup driver is (\w+), the kubelet's (?!\1)\w+/;

it.each<[string, string, string | undefined, string | undefined, string, RegExp]>([
  ['systemd', '2', '1.30.5', 'systemd', 'ok', /cgroup v2, cgroup driver systemd, the kubelet's too/],
  ['cgroupfs', '1', '1.30.5', undefined, 'ok', /cgroup v1, cgroup driver cgroupfs, the kubelet's too/],
  ['cgroupfs', '1', '1.30.5', 'systemd', 'problem', DIFFER],
  ['systemd', '2', '1.30.5', 'cgroupfs', 'problem', DIFFER],
  ['systemd', '2', '1.30.5', undefined, 'problem', DIFFER],
  ['systemd', '2', undefined, undefined, 'warning', DIFFER],
  ['cgroupfs', '1', undefined, 'systemd', 'warning', DIFFER],
  ['cgroupfs', '1', '1.31.0', 'systemd', 'ok', /cgroup driver cgroupfs, which the kubelet asks the shim for/],
  ['systemd', '2', '1.34.1', undefined, 'ok', /cgroup driver systemd, which the kubelet asks the shim for/],
  ['cgroupfs', '2', '1.34.1', undefined, 'warning', /systemd wants to be the only one/],
  ['cgroupfs', '2', '1.30.5', undefined, 'warning', /systemd wants to be the only one/],
])(
  '%s on cgroup v%s beside kubelet %s with %s is %s',
  (CgroupDriver, CgroupVersion, version, cgroupDriver, level, says) => {
    const finding = cgroupFinding({ ...INFO, CgroupDriver, CgroupVersion }, { ...KUBELET, cgroupDriver }, version);
    expect(finding.level).toBe(level);
    expect(finding.says).toMatch(says);
  },
);

it("compares Docker's cgroup driver with nothing where no kubelet is", () => {
  const none = { ...KUBELET, sources: [], cgroupDriver: undefined };
  expect(cgroupFinding(INFO, none, undefined)).toMatchObject({ says: 'cgroup v2, cgroup driver systemd' });
});

it("takes no driver for the kubelet's default as long as its configuration is not known", () => {
  const unknown = { ...KUBELET, complete: false, cgroupDriver: undefined };
  expect(cgroupFinding(INFO, unknown, '1.30.5')).toEqual({
    subject: 'cgroups',
    level: 'ok',
    says: "cgroup v2, cgroup driver systemd; the kubelet's is not known",
  });
  expect(cgroupFinding(INFO, { ...unknown, cgroupDriver: 'cgroupfs' }, '1.30.5').says).toMatch(DIFFER);
  expect(cgroupFinding(INFO, unknown, '1.31.0').says).toMatch(/which the kubelet asks the shim for$/);
});

it('says of a kubelet of an unknown version from when on none of this matters', () => {
  const { advice } = cgroupFinding({ ...INFO, CgroupDriver: 'cgroupfs' }, KUBELET, undefined);
  expect(advice).toMatch(
    /; kubelets from 1\.31 on ask the shim, unless their feature gate KubeletCgroupDriverFromCRI is off, and need none of this$/,
  );
});

it.each<[string, string | undefined]>([
  ['cgroupfs', undefined],
  ['cgroupfs', 'cgroupfs'],
  ['cgroupfs', 'systemd'],
  ['systemd', 'cgroupfs'],
])("advises on Docker's %s and the kubelet's %s with both sides, on a drained node", (CgroupDriver, cgroupDriver) => {
  const { advice } = cgroupFinding({ ...INFO, CgroupDriver }, { ...KUBELET, cgroupDriver }, '1.30.5');
  expect(advice).toMatch(
    /drain the node; set .*native\.cgroupdriver=.* in \/etc\/docker\/daemon\.json.* cgroupDriver: .*; restart both$/,
  );
});

it('takes any log driver, and says what it means', () => {
  expect(logDriverFinding(INFO)).toMatchObject({ level: 'ok', says: 'json-file' });
  expect(logDriverFinding({ ...INFO, LoggingDriver: 'journald' }).says).toMatch(/^journald, from which/);
  expect(logDriverFinding({ ...INFO, LoggingDriver: 'none' }).says).toMatch(/^none for other containers/);
});

it('warns of pods that end with dockerd', () => {
  expect(liveRestoreFinding(INFO).level).toBe('ok');
  expect(liveRestoreFinding({ ...INFO, LiveRestoreEnabled: false })).toMatchObject({ level: 'warning' });
});

it.each([
  [undefined, 'ok'],
  [['name=apparmor', 'name=seccomp,profile=builtin'], 'ok'],
  [['name=seccomp,profile=builtin', 'name=userns'], 'warning'],
])('users, when the engine has %j', (SecurityOptions, level) => {
  expect(usersFinding({ ...INFO, ...(SecurityOptions && { SecurityOptions }) }).level).toBe(level);
});
