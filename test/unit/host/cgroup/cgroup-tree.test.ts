import { mkdirSync, rmdirSync } from 'node:fs';
import { cgroupTree } from '../../../../src/host/cgroup/cgroup-tree';
import { temporaryDirectory } from '../../../support/temporary-directory';

const root = temporaryDirectory();

it('has the cgroup itself and all below', async () => {
  mkdirSync(root.path('c/init.scope'), { recursive: true });
  mkdirSync(root.path('c/system.slice/a.service'), { recursive: true });
  expect((await cgroupTree(root.path('c'))).sort()).toEqual(
    ['c', 'c/init.scope', 'c/system.slice', 'c/system.slice/a.service'].map((name) => root.path(name)),
  );
});

it('is empty for one that is gone', async () => {
  expect(await cgroupTree(root.path('gone'))).toEqual([]);
});

it('leaves out what goes away in the middle', async () => {
  const [stays, goes] = [root.path('busy/stays'), root.path('busy/goes')];
  mkdirSync(stays, { recursive: true });
  for (let round = 0; round < 200; round += 1) {
    mkdirSync(goes, { recursive: true });
    const tree = cgroupTree(root.path('busy'));
    await new Promise((resolve) => setImmediate(resolve));
    rmdirSync(goes);
    expect(await tree).toContain(stays);
  }
});
