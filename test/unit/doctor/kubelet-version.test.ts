import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { kubeletVersion, minorOf } from '../../../src/doctor/kubelet-version';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

beforeEach(() => {
  mkdirSync(root.path('proc/self/ns'), { recursive: true });
  symlinkSync('mnt:[1]', root.path('proc/self/ns/mnt'));
});

function program(name: string, version: string): string {
  writeFileSync(root.path(name), `#!/bin/sh\necho Kubernetes v${version}\n`);
  chmodSync(root.path(name), 0o755);
  return root.path(name);
}

function start(executable: string, namespace: string): void {
  mkdirSync(root.path('proc/7/ns'), { recursive: true });
  writeFileSync(root.path('proc/7/comm'), 'kubelet\n');
  writeFileSync(root.path('proc/7/cmdline'), '/opt/kubelet\0');
  symlinkSync(executable, root.path('proc/7/exe'));
  symlinkSync(namespace, root.path('proc/7/ns/mnt'));
}

const version = () => kubeletVersion(root.path('proc'), root.path('installed'));

it('is that of the kubelet that runs, which need not be in PATH', async () => {
  start(program('elsewhere', '1.27.3'), 'mnt:[1]');
  expect(await version()).toBe('1.27.3');
  program('installed', '1.30.0');
  expect(await version()).toBe('1.27.3');
});

it('is that of the installed one when none runs', async () => {
  expect(await version()).toBeUndefined();
  program('installed', '1.30.0-rc.1');
  expect(await version()).toBe('1.30.0-rc.1');
});

it('starts no program of a container, whatever it calls itself', async () => {
  start(program('elsewhere', '1.27.3'), 'mnt:[2]');
  expect(await version()).toBeUndefined();
});

it.each([
  ['1.23.17', 23],
  ['1.30.0-rc.1', 30],
  [undefined, undefined],
])('%s has the minor version %s', (text, minor) => {
  expect(minorOf(text)).toBe(minor);
});
