import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { HeldNamespaces } from '../../../../src/network/cni/held-namespaces';
import { asRoot } from '../../../support/as-root';
import { podProcess } from '../../../support/pod-process';
import { withoutFiles } from '../../../support/without-files';

const OWN = '/proc/self/ns/net';

/** Another file may have its number by now. */
function leadsTo(path: string): string | undefined {
  return existsSync(path) ? readlinkSync(path) : undefined;
}

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
  expect(leadsTo(path)).not.toBe(namespace);
  expect(held.of('c0ffee', '')).toBeUndefined();
});

asRoot('the namespace of a pause container that was started again takes the place of the one before', async () => {
  const held = new HeldNamespaces();
  const [first, second] = [await podProcess(), await podProcess()];
  held.hold('c0ffee', first.netns);
  const before = held.of('c0ffee', '')?.path ?? '';
  held.hold('c0ffee', second.netns);
  expect(readlinkSync(held.of('c0ffee', '')?.path ?? '')).toBe(readlinkSync(second.netns));
  expect(leadsTo(before)).not.toBe(readlinkSync(first.netns));
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

it('holds so many: the processes of others must go on', () => {
  const held = new HeldNamespaces(2);
  expect(['a', 'b', 'c', 'a'].map((id) => held.hold(id, OWN))).toEqual([true, true, false, true]);
  held.release('b');
  expect(held.hold('c', OWN)).toBe(true);
  for (const id of ['a', 'c']) held.release(id);
});
