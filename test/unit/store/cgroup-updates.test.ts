import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { silentLog } from '../../../src/lib/log';
import { CgroupUpdates } from '../../../src/store/cgroup-updates';
import { temporaryDirectory } from '../../support/temporary-directory';

const directory = temporaryDirectory();

async function loaded(): Promise<CgroupUpdates> {
  const updates = new CgroupUpdates(directory.path('cgroups'));
  await updates.load(silentLog);
  return updates;
}

it('knows what all updates together have asked for, also in its next life', async () => {
  const updates = await loaded();
  expect(updates.of('c')).toEqual({});
  await updates.record('c', { 'memory.high': '1', 'memory.low': '1' });
  await updates.record('c', { 'memory.high': 'max' });
  const all = { 'memory.high': 'max', 'memory.low': '1' };
  expect(updates.of('c')).toEqual(all);
  const next = await loaded();
  expect(next.ids()).toEqual(['c']);
  expect(next.of('c')).toEqual(all);
});

it('forgets a container without leaving anything', async () => {
  const updates = await loaded();
  await updates.record('c', { 'memory.high': '1' });
  await updates.forget('c');
  await updates.forget('never known');
  expect(updates.of('c')).toEqual({});
  expect(readdirSync(directory.path('cgroups'))).toEqual([]);
});

it('keeps what it knew when the disk takes no more', async () => {
  const updates = await loaded();
  writeFileSync(directory.path('cgroups'), 'in the way');
  await expect(updates.record('c', { 'memory.high': '1' })).rejects.toMatchObject({ kind: 'Internal' });
  expect(updates.of('c')).toEqual({});
});

it('passes over what is half-written or garbage', async () => {
  mkdirSync(directory.path('cgroups'));
  writeFileSync(directory.path('cgroups/.c.01020304'), '{"memory.hi');
  writeFileSync(directory.path('cgroups/d'), '{"memory.hi');
  expect((await loaded()).ids()).toEqual([]);
});
