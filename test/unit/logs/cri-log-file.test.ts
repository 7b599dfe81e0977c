import { renameSync, statSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { locate } from '../../../src/logs/cri-log-file';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

it('a file is found while a kubelet renames it', async () => {
  const path = root.path('0.log');
  writeFileSync(path, '');
  const inode = String(statSync(path, { bigint: true }).ino);
  for (let round = 0; round < 500; round += 1) {
    const found = locate(path, inode);
    for (let turn = 0; turn < round % 5; turn += 1) await setImmediate();
    renameSync(path, `${path}.1`);
    expect(await found).toBeDefined();
    renameSync(`${path}.1`, path);
  }
  expect(await locate(path, '0')).toBeUndefined();
});
