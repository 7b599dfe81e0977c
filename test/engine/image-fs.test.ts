import { statfs } from 'node:fs/promises';
import { ImageServiceService as Images, type FilesystemUsage } from '../../generated/runtime/v1/api';
import { EngineConnection } from '../../src/docker/connection';
import { aCall } from '../support/a-call';
import { docker, ENGINE_SOCKET, importBusybox } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';

jest.setTimeout(60_000);

const LARGE = 5 * 1024 * 1024;

let shim: ShimUnderTest;
let images: string[];

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  images = [`${shim.runName}/one:1`, `${shim.runName}/two:1`];
});

afterAll(async () => {
  await docker('image', 'rm', '--force', ...images);
  await shim.stop();
});

async function usage(): Promise<{ image: FilesystemUsage; container: FilesystemUsage }> {
  const { imageFilesystems, containerFilesystems } = await shim.call(Images.imageFsInfo, {});
  expect([imageFilesystems.length, containerFilesystems.length]).toEqual([1, 1]);
  const [[image], [container]] = [imageFilesystems, containerFilesystems];
  if (image === undefined || container === undefined) throw new Error('no file systems');
  return { image, container };
}

/** What Docker counts of its layers, each once. */
async function layersSize(): Promise<bigint> {
  const connection = new EngineConnection(ENGINE_SOCKET);
  const call = { method: 'GET', path: '/system/df', query: {}, signal: aCall().ctx.signal };
  const { LayersSize: size } = (await connection.json(call)) as { LayersSize: number };
  connection.close();
  return BigInt(size);
}

const listedBytes = async (): Promise<bigint> => {
  const { images: listed } = await shim.call(Images.listImages, { filter: undefined });
  return listed
    .filter(({ repoTags }) => repoTags.some((tag) => images.includes(tag)))
    .reduce((sum, { size }) => sum + size, 0n);
};

it('counts the layer that two images share once, at once after a change, and as Docker does', async () => {
  const before = (await usage()).image.usedBytes?.value ?? 0n;
  const [one = '', two = ''] = images;
  await importBusybox(one);
  const container = await docker('create', one);
  await docker('commit', container, two);
  await docker('rm', container);
  await until(async () => (await listedBytes()) > 0n);

  const after = await until(async () => {
    const now = (await usage()).image.usedBytes?.value ?? 0n;
    return now > before ? now : undefined;
  });

  expect(after).toBe(await layersSize());
  expect(2n * (after - before)).toBe(await listedBytes());
});

it('counts what containers have written', async () => {
  const [one = ''] = images;
  const container = await docker('run', '--detach', one, 'sh', '-c', `dd if=/dev/zero of=/f bs=${LARGE} count=1`);
  await docker('wait', container);
  const other = await ShimUnderTest.start();
  try {
    const { containerFilesystems } = await other.call(Images.imageFsInfo, {});
    expect(containerFilesystems[0]?.usedBytes?.value).toBeGreaterThanOrEqual(BigInt(LARGE));
  } finally {
    await other.stop();
    await docker('rm', container);
  }
});

it('names the directory where the layers are, with the inodes of its file system', async () => {
  const { image, container } = await usage();
  const directory = image.fsId?.mountpoint ?? '';

  expect(container.fsId).toEqual(image.fsId);
  expect(container.inodesUsed).toEqual(image.inodesUsed);
  const { files, ffree } = await statfs(directory);
  const inodes = Number(image.inodesUsed?.value);
  expect(Math.abs(inodes - (files - ffree))).toBeLessThan(Math.max(1000, inodes / 10));
});

it('has a new time at each call, for the eviction manager passes over what is not newer', async () => {
  const { image: first } = await usage();
  const second = await until(async () => {
    const { image } = await usage();
    return image.timestamp > first.timestamp ? image : undefined;
  });

  expect(second.usedBytes).toEqual(first.usedBytes);
});

/** Asks until there is an answer; jest's timeout is the patience. */
async function until<T>(ask: () => Promise<T | false | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
