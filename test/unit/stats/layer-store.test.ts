import { silentLog } from '../../../src/lib/log';
import { LayerStore } from '../../../src/stats/layer-store';

const ctx = { signal: new AbortController().signal, log: silentLog };
const EMPTY = { bsize: 4096, blocks: 10, files: 100, ffree: 60 };

function storeIn(present: readonly string[], layerRoots: readonly string[]) {
  const statfs = jest.fn((path: string) =>
    present.includes(path) ? Promise.resolve(EMPTY) : Promise.reject(new Error('ENOENT')),
  );
  return { statfs, store: new LayerStore({ facts: () => Promise.resolve({ layerRoots }), statfs }) };
}

test.each([
  [['/a', '/b', '/c'], '/a'],
  [['/b', '/c'], '/b'],
  [['/c'], '/c'],
  [[], '/c'],
])('with %j it is %s', async (present, directory) => {
  expect(await storeIn(present, ['/a', '/b', '/c']).store.directory(ctx)).toBe(directory);
});

test('is looked for once as long as the engine is the same', async () => {
  const { store, statfs } = storeIn(['/a'], ['/a']);

  await store.directory(ctx);
  await store.directory(ctx);

  expect(statfs).toHaveBeenCalledTimes(1);
});

test('is looked for again when the engine says something else', async () => {
  let layerRoots = ['/a'];
  const statfs = () => Promise.resolve(EMPTY);
  const store = new LayerStore({ facts: () => Promise.resolve({ layerRoots }), statfs });
  expect(await store.directory(ctx)).toBe('/a');

  layerRoots = ['/b'];

  expect(await store.directory(ctx)).toBe('/b');
});

test('is not waited for long when the engine says nothing', async () => {
  let facts: () => Promise<{ layerRoots: readonly string[] }> = () => new Promise(() => undefined);
  const store = new LayerStore({ facts: () => facts(), statfs: () => Promise.resolve(EMPTY) });
  expect(await store.directory(ctx)).toBe('');
  const since = performance.now();
  expect(await store.fileSystem(ctx)).toBeUndefined();
  expect(performance.now() - since).toBeLessThan(500);

  const layerRoots = ['/a'];
  facts = () => Promise.resolve({ layerRoots });
  expect(await store.directory(ctx)).toBe('/a');

  facts = () => Promise.reject(new Error('it hangs'));
  expect(await store.directory(ctx)).toBe('/a');
});

test('the file system is the one that it is on, as it is now', async () => {
  const { store } = storeIn(['/proc'], ['/proc']);

  expect(await store.fileSystem(ctx)).toEqual({ device: 'proc', bytes: 40_960n, inodes: 100n, inodesFree: 60n });
});

test('a file system that cannot be seen has no numbers', async () => {
  expect(await storeIn([], ['/a']).store.fileSystem(ctx)).toBeUndefined();
});
