import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerSizes } from '../../../src/stats/layer-sizes';
import { aCall } from '../../support/a-call';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';

const { ctx } = aCall();

let layer: string;
/** What has passed; the time of day is always the same: somebody sets it back again and again. */
let passed: number;
const NOW = 1_000_000;
/** The time of day is asked for with each measurement. */
let measurements: number;
let sizes: LayerSizes;

beforeEach(async () => {
  layer = await mkdtemp(join(tmpdir(), 'dockershim-layer-sizes-'));
  passed = 0;
  measurements = 0;
  const now = () => {
    measurements += 1;
    return NOW;
  };
  sizes = new LayerSizes({ now, passed: () => passed });
});

afterEach(() => {
  sizes.stop();
  return rm(layer, { recursive: true, force: true });
});

const inodes = async (id = 'a') => (await sizes.of(ctx, new Map([[id, layer]]))).get(id)?.inodes;

/** Asks until the answer is another one. */
async function nextInodes(last: bigint | undefined): Promise<bigint | undefined> {
  for (;;) {
    const found = await inodes();
    if (found !== last) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a small layer is measured for the first answer', async () => {
  await writeFile(join(layer, 'file'), 'text');

  const found = await sizes.of(ctx, new Map([['a', layer]]));

  expect(found.get('a')).toMatchObject({ at: NOW, inodes: 1n });
});

test('a measurement is good for a minute; then the old one is answered while a new one is made', async () => {
  expect(await inodes()).toBe(0n);
  await writeFile(join(layer, 'file'), 'text');

  passed += 59_000;
  expect(await inodes()).toBe(0n);
  passed += 1_000;
  expect(await inodes()).toBe(0n);

  expect(await nextInodes(0n)).toBe(1n);
});

test('a layer that cannot be read has no size, and does no harm to others', async () => {
  const found = await sizes.of(
    ctx,
    new Map([
      ['gone', join(layer, 'nowhere')],
      ['a', layer],
    ]),
  );

  expect([...found.keys()]).toEqual(['a']);
});

test('a layer that is asked for while it is measured is not measured again', async () => {
  expect(await Promise.all([inodes(), inodes()])).toEqual([0n, 0n]);

  expect(measurements).toBe(1);
});

test('a layer that cannot be read is left alone for as long as one that can, and keeps the size that it had', async () => {
  expect(await inodes()).toBe(0n);
  await rm(layer, { recursive: true });
  const failures: LogLine[] = [];
  const { ctx: watched } = aCall(keptLog(failures));
  const size = async () => (await sizes.of(watched, new Map([['a', layer]]))).get('a')?.inodes;

  for (const failuresByThen of [1, 2]) {
    passed += 60_000;
    expect(await size()).toBe(0n);
    while (failures.length < failuresByThen) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let call = 0; call < 10; call += 1) expect(await size()).toBe(0n);
    expect(failures).toHaveLength(failuresByThen);
  }
});

test('forgets the containers that are gone', async () => {
  await inodes();
  await writeFile(join(layer, 'file'), 'text');

  sizes.keepOnly(new Set(['b']));

  expect(await inodes()).toBe(1n);
});

test('measures nothing after it has been stopped', async () => {
  sizes.stop();

  expect(await inodes()).toBeUndefined();
});

test('a caller that leaves gets its own reason', async () => {
  const call = aCall();
  call.cancel();

  await expect(sizes.of(call.ctx, new Map([['a', layer]]))).rejects.toBe(call.reason);
});
