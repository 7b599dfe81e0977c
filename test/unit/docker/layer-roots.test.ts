import { keepsImagesInContainerd, layerRoots } from '../../../src/docker/layer-roots';
import type { EngineInfo } from '../../../src/docker/types';

const INFO: EngineInfo = {
  Driver: 'overlay2',
  DriverStatus: [['Backing Filesystem', 'extfs']],
  DockerRootDir: '/docker',
  CgroupDriver: 'systemd',
  LoggingDriver: 'json-file',
};
const SNAPSHOTTER = 'io.containerd.snapshotter.v1';

test('a graph driver keeps layers in the root directory of the engine', () => {
  expect(layerRoots(INFO)).toEqual(['/docker']);
  expect(layerRoots({ DockerRootDir: '/docker', Driver: 'vfs', CgroupDriver: '', LoggingDriver: '' })).toEqual([
    '/docker',
  ]);
});

test("a snapshotter keeps them in containerd's, the engine's own or the system's", () => {
  expect(layerRoots({ ...INFO, Driver: 'overlayfs', DriverStatus: [['driver-type', SNAPSHOTTER]] })).toEqual([
    `/docker/containerd/daemon/${SNAPSHOTTER}.overlayfs`,
    `/var/lib/containerd/${SNAPSHOTTER}.overlayfs`,
    '/docker',
  ]);
});

test('which of the two it is', () => {
  const bare: EngineInfo = { DockerRootDir: '/docker', Driver: 'vfs', CgroupDriver: '', LoggingDriver: '' };
  const inContainerd = { ...INFO, DriverStatus: [['driver-type', SNAPSHOTTER]] } satisfies EngineInfo;
  expect([INFO, bare].map(keepsImagesInContainerd)).toEqual([false, false]);
  expect(keepsImagesInContainerd(inContainerd)).toBe(true);
});
