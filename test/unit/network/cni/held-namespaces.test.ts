import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { HeldNamespaces } from '../../../../src/network/cni/held-namespaces';
import { asRoot } from '../../../support/as-root';
import { podProcess } from '../../../support/pod-process';
import { withoutFiles } from '../../../support/without-files';

const OWN = '/proc/self/ns/net';

asRoot('a held namespace outlives its process, until it is released', async () => {
  const held = new HeldNamespaces();
  const pause = await podProcess();
  const namespace = readlinkSync(pause.netns);
  expect(held.hold('c0ffee', pause.netns)).toBe(true);
  await pause.end();
  expect(existsSync(pause.netns)).toBe(false);
  // A stopped pod that is stopped again has no process to lead to it.
  expect([held.hold('c0ffee', ''), held.hold('c0ffee', pause.netns)]).toEqual([true, true]);
  const { path = '', devices } = held.of('c0ffee', '') ?? {};
  expect(readlinkSync(path)).toBe(namespace);
  expect(devices).toMatch(/^ +lo:/m);
  held.release('c0ffee');
  expect([existsSync(path), held.of('c0ffee', '')]).toEqual([false, undefined]);
});

asRoot('the namespace of a pause container that was started again takes the place of the one before', async () => {
  const held = new HeldNamespaces();
  const [first, second] = [await podProcess(), await podProcess()];
  held.hold('c0ffee', first.netns);
  const before = held.of('c0ffee', '')?.path ?? '';
  held.hold('c0ffee', second.netns);
  expect(readlinkSync(held.of('c0ffee', '')?.path ?? '')).toBe(readlinkSync(second.netns));
  expect(existsSync(before)).toBe(false);
  expect(held.of('c0ffee', second.netns)).toBe(held.of('c0ffee', ''));
  expect(held.of('c0ffee', first.netns)).toBeUndefined();
  held.release('c0ffee');
  await Promise.all([first.end(), second.end()]);
});

it('what a failed DEL has left in a namespace is not known', () => {
  const held = new HeldNamespaces();
  held.hold('c0ffee', OWN);
  expect(held.of('c0ffee', '')?.devices).toBe(readFileSync('/proc/self/net/dev', 'latin1'));
  held.of('c0ffee', '')?.distrustDevices();
  expect(held.of('c0ffee', '')).toMatchObject({ path: expect.stringContaining('/fd/') as string, devices: undefined });
  held.hold('c0ffee', OWN);
  expect(held.of('c0ffee', '')?.devices).toBeDefined();
  held.release('c0ffee');
});

it('a process must go on while its namespace cannot be opened', async () => {
  const held = new HeldNamespaces();
  expect(held.hold('c0ffee', '/proc/self/status/ns/net')).toBe(false);
  expect(await withoutFiles(() => Promise.resolve(held.hold('c0ffee', OWN)))).toBe(false);
  expect(held.of('c0ffee', '')).toBeUndefined();
});

it('holds so many, and lets go of the oldest', () => {
  const held = new HeldNamespaces(3);
  for (const id of ['a', 'b', 'c', 'd']) held.hold(id, OWN);
  expect(['a', 'b', 'c', 'd'].map((id) => held.of(id, OWN) !== undefined)).toEqual([false, true, true, true]);
  for (const id of ['b', 'c', 'd']) held.release(id);
});
