import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerSizes } from '../../../src/stats/layer-sizes';
import { aCall } from '../../support/a-call';

const { ctx } = aCall();

let layer: string;
/** What has passed; the time of day is always the same: somebody sets it back again and again. */
let passed: number;
const NOW = 1_000_000;
let sizes: LayerSizes;

beforeEach(async () => {
  layer = await mkdtemp(join(tmpdir(), 'dockershim-layer-sizes-'));
  passed = 0;
  sizes = new LayerSizes({ now: () => NOW, passed: () => passed });
});

afterEach(() => {
  sizes.stop();
  return rm(layer, { recursive: true });
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
