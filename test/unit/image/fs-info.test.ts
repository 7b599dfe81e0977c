import type { DiskUsage, EngineInfo } from '../../../src/docker/types';
import { imageFsInfo, type FsInfoNeeds } from '../../../src/image/fs-info';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const INFO: EngineInfo = {
  Driver: 'overlay2',
  DockerRootDir: '/docker',
  CgroupDriver: 'systemd',
  LoggingDriver: 'json-file',
};
const IN_CONTAINERD: EngineInfo = {
  ...INFO,
  Driver: 'overlayfs',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
};
const ctx = { signal: new AbortController().signal, log: silentLog };

function engineWith(usage: DiskUsage, info = INFO) {
  const diskUsage = jest.fn(() => Promise.resolve(usage));
  return { diskUsage, info: () => Promise.resolve(info) };
}

function needsOf(engine: FsInfoNeeds['engine'], rest: Partial<FsInfoNeeds> = {}): FsInfoNeeds {
  return { engine, statfs: () => Promise.resolve({ files: 100, ffree: 60 }), now: () => 5, ...rest };
}

it.each<[string, DiskUsage, bigint, bigint]>([
  [
    'API 1.41',
    {
      LayersSize: 10,
      Containers: [
        { Id: 'a', SizeRw: 2 },
        { Id: 'b', SizeRw: 3 },
      ],
    },
    10n,
    5n,
  ],
  ['containers without sizes', { LayersSize: 10, Containers: [{ Id: 'a' }] }, 10n, 0n],
  ['no containers', { LayersSize: 0, Containers: null }, 0n, 0n],
  ['API 1.52', { ImageUsage: { TotalSize: 7 } }, 7n, 0n],
])('counts bytes as Docker does: %s', async (_api, usage, images, containers) => {
  const common = { timestamp: 5_000_000n, fsId: { mountpoint: '/docker' }, inodesUsed: { value: 40n } };
  expect(await imageFsInfo(needsOf(engineWith(usage)))({}, ctx)).toEqual({
    imageFilesystems: [{ ...common, usedBytes: { value: images } }],
    containerFilesystems: [{ ...common, usedBytes: { value: containers } }],
  });
});

it.each([
  [INFO, '/', '/docker'],
  [IN_CONTAINERD, '/docker/containerd/daemon/', '/docker/containerd/daemon/io.containerd.snapshotter.v1.overlayfs'],
  [IN_CONTAINERD, '/var/lib/containerd/', '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs'],
  [IN_CONTAINERD, '/docker', '/docker/containerd/daemon/io.containerd.snapshotter.v1.overlayfs'],
  [IN_CONTAINERD, '/nowhere', '/docker'],
])('%# finds where the images are', async (info, present, mountpoint) => {
  const statfs = (path: string): ReturnType<FsInfoNeeds['statfs']> =>
    path.startsWith(present) ? Promise.resolve({ files: 1, ffree: 0 }) : Promise.reject(new Error('ENOENT'));
  const answer = await imageFsInfo(needsOf(engineWith({}, info), { statfs }))({}, ctx);
  expect(answer.imageFilesystems[0]?.fsId).toEqual({ mountpoint });
});

it('reports no inodes when it cannot see the directory', async () => {
  const statfs = (): Promise<never> => Promise.reject(new Error('ENOENT'));
  const answer = await imageFsInfo(needsOf(engineWith({ LayersSize: 1 }), { statfs }))({}, ctx);
  expect(answer.imageFilesystems).toMatchObject([{ usedBytes: { value: 1n }, inodesUsed: undefined }]);
});

it('measures once a minute, and once for callers at the same time', async () => {
  let now = 0;
  const engine = engineWith({ LayersSize: 1 });
  const ask = imageFsInfo(needsOf(engine, { now: () => now }));

  await Promise.all([ask({}, ctx), ask({}, ctx)]);
  now = 60_000;
  await ask({}, ctx);
  expect(engine.diskUsage).toHaveBeenCalledTimes(1);

  now = 60_001;
  await ask({}, ctx);
  expect(engine.diskUsage).toHaveBeenCalledTimes(2);
});

it('lets a caller go when its call ends, and keeps the measurement for the next', async () => {
  let finish!: (usage: DiskUsage) => void;
  const diskUsage = jest.fn(() => new Promise<DiskUsage>((resolve) => (finish = resolve)));
  const ask = imageFsInfo(needsOf({ diskUsage, info: () => Promise.resolve(INFO) }));
  const call = new AbortController();
  const leaving = ask({}, { ...ctx, signal: call.signal });
  await new Promise(setImmediate);

  call.abort(new ShimError('DeadlineExceeded', 'the call took too long'));
  await expect(leaving).rejects.toMatchObject({ kind: 'DeadlineExceeded' });
  finish({ LayersSize: 3 });

  expect((await ask({}, ctx)).imageFilesystems).toMatchObject([{ usedBytes: { value: 3n } }]);
  expect(diskUsage).toHaveBeenCalledTimes(1);
});

it('tries again after a measurement that failed', async () => {
  const diskUsage = jest.fn().mockRejectedValueOnce(new ShimError('Internal', 'docker: busy')).mockResolvedValue({});
  const ask = imageFsInfo(needsOf({ diskUsage, info: () => Promise.resolve(INFO) }));
  await expect(ask({}, ctx)).rejects.toMatchObject({ kind: 'Internal' });
  expect((await ask({}, ctx)).imageFilesystems).toHaveLength(1);
});
