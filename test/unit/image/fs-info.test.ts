import { imageFsInfo, type FsInfoNeeds } from '../../../src/image/fs-info';
import { silentLog } from '../../../src/lib/log';

const ctx = { signal: new AbortController().signal, log: silentLog };

function needs(rest: Partial<FsInfoNeeds> = {}): FsInfoNeeds {
  const usage = { LayersSize: 10, Containers: [{ Id: 'a', SizeRw: 5 }] };
  return {
    engine: { diskUsage: () => Promise.resolve(usage) },
    images: { byId: () => Promise.resolve(ctx) },
    store: {
      directory: () => Promise.resolve('/docker'),
      fileSystem: () => Promise.resolve({ inodes: 100n, inodesFree: 60n }),
    },
    clock: { now: () => 5, passed: () => 0 },
    ...rest,
  };
}

it('has both lists, with the same mount point, as of now', async () => {
  const common = { timestamp: 5_000_000n, fsId: { mountpoint: '/docker' }, inodesUsed: { value: 40n } };

  expect(await imageFsInfo(needs())({}, ctx)).toEqual({
    imageFilesystems: [{ ...common, usedBytes: { value: 10n } }],
    containerFilesystems: [{ ...common, usedBytes: { value: 5n } }],
  });
});

it('reports no inodes when it cannot see the directory', async () => {
  const store = { directory: () => Promise.resolve('/docker'), fileSystem: () => Promise.resolve(undefined) };

  const answer = await imageFsInfo(needs({ store }))({}, ctx);

  expect(answer.imageFilesystems).toMatchObject([{ usedBytes: { value: 10n }, inodesUsed: undefined }]);
});
