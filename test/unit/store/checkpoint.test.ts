import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CheckpointStore } from '../../../src/store/checkpoint';
import { serialize, type Checkpoint } from '../../../src/store/checkpoint-text';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

const RECORDED = path.join(__dirname, '../../contract/recorded/in-tree-dockershim-1.20/sandbox.checkpoint.json');
const [ONE, TWO] = ['f0'.repeat(32), 'ba'.repeat(32)];
const POD: Checkpoint = { name: 'web', namespace: 'shop', hostNetwork: false, portMappings: [] };
const PORT = { protocol: 'tcp', containerPort: 80, hostPort: 18_088, hostIp: '' } as const;

let store: CheckpointStore;

beforeEach(() => {
  store = new CheckpointStore(root.path('cri-dockerd'), root.path('in-tree'));
});

/** A sandbox of the in-tree dockershim. */
function adopt(id: string): void {
  mkdirSync(root.path('in-tree'));
  writeFileSync(root.path('in-tree', id), readFileSync(RECORDED));
}

it("keeps a file for each sandbox, by its id, where cri-dockerd's are", async () => {
  await store.write(ONE, POD);
  await store.write(ONE, { ...POD, hostNetwork: true });
  await store.write(TWO, POD);
  expect(readdirSync(root.path('cri-dockerd')).sort()).toEqual([TWO, ONE]);
  expect(readFileSync(root.path('cri-dockerd', ONE), 'utf8')).toBe(serialize({ ...POD, hostNetwork: true }));
  expect(await store.read(ONE)).toEqual({ ...POD, hostNetwork: true });
  expect(await store.isSound(ONE)).toBe(true);
  await store.remove(ONE);
  await store.remove(ONE);
  expect(readdirSync(root.path('cri-dockerd'))).toEqual([TWO]);
  expect(readdirSync(root.path())).toEqual(['cri-dockerd']);
});

it("reads and removes the in-tree dockershim's, which cri-dockerd would not find", async () => {
  adopt(ONE);
  expect(await store.read(ONE)).toMatchObject({ name: 'legacy-lab-node', portMappings: [PORT] });
  expect(await store.isSound(ONE)).toBe(false);
  await store.write(ONE, POD);
  expect(await store.isSound(ONE)).toBe(true);
  expect(await store.read(ONE)).toEqual(POD);
  await store.remove(ONE);
  expect(readdirSync(root.path('in-tree'))).toEqual([]);
  expect(await store.read(ONE)).toBeUndefined();
});

it('tells whose checkpoints there are, once each, also before the first one', async () => {
  expect(await store.ids()).toEqual([]);
  adopt(ONE);
  await store.write(ONE, POD);
  await store.write(TWO, POD);
  for (const other of [`.${TWO}.half-written`, 'lost+found']) writeFileSync(root.path('cri-dockerd', other), '');
  expect((await store.ids()).sort()).toEqual([TWO, ONE]);
});

it('passes over a corrupt one', async () => {
  adopt(ONE);
  mkdirSync(root.path('cri-dockerd'));
  writeFileSync(root.path('cri-dockerd', ONE), 'torn');
  expect(await store.isSound(ONE)).toBe(false);
  expect(await store.read(ONE)).toMatchObject({ name: 'legacy-lab-node' });
  expect(await store.ids()).toEqual([ONE]);
});

it('says when a directory cannot be read', async () => {
  writeFileSync(root.path('cri-dockerd'), 'a file where the directory belongs');
  await expect(store.ids()).rejects.toThrow('ENOTDIR');
  await expect(store.read(ONE)).rejects.toThrow('ENOTDIR');
});
