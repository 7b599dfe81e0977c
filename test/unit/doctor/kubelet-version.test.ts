import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { kubeletVersions, minorOf } from '../../../src/doctor/kubelet-version';
import { asRoot } from '../../support/as-root';
import { fakeProcess, fakeProcesses } from '../../support/fake-processes';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

beforeEach(() => fakeProcesses(root.path('proc')));

function program(name: string, version: string): string {
  writeFileSync(root.path(name), `#!/bin/sh\necho Kubernetes v${version}\n`);
  chmodSync(root.path(name), 0o755);
  return root.path(name);
}

function start(executable: string, namespace?: string): void {
  fakeProcess(root.path('proc'), { pid: '7', comm: 'kubelet', ...(namespace !== undefined && { namespace }) });
  symlinkSync(executable, root.path('proc/7/exe'));
}

const versions = () => kubeletVersions(root.path('proc'), root.path('installed'));

it('are those of the kubelet that runs, which need not be in PATH', async () => {
  start(program('elsewhere', '1.27.3'));
  expect(await versions()).toEqual({ running: '1.27.3', next: '1.27.3' });
  program('installed', '1.30.0');
  expect(await versions()).toEqual({ running: '1.27.3', next: '1.27.3' });
});

it('are that of the installed one when none runs', async () => {
  expect(await versions()).toEqual({ running: undefined, next: undefined });
  program('installed', '1.30.0-rc.1');
  expect(await versions()).toEqual({ running: undefined, next: '1.30.0-rc.1' });
});

describe('of a kubelet whose package was replaced while it runs', () => {
  // The kernel's link leads to the program that runs, and reads as the path that this was started from. A link in a
  // directory can't do both: here the program that runs has the kernel's name.
  beforeEach(() => start(program('kubelet (deleted)', '1.26.15')));

  it('differ: the next start is the new one', async () => {
    program('kubelet', '1.27.3');
    expect(await versions()).toEqual({ running: '1.26.15', next: '1.27.3' });
  });

  it('are not both known when nothing is there', async () => {
    program('installed', '1.30.0');
    expect(await versions()).toEqual({ running: '1.26.15', next: undefined });
  });
});

it('need no program of a container started, whatever it calls itself', async () => {
  start(program('elsewhere', '1.27.3'), 'mnt:[2]');
  expect(await versions()).toEqual({ running: undefined, next: undefined });
});

asRoot("need no other user's program started", async () => {
  start(program('elsewhere', '1.27.3'));
  chownSync(root.path('proc/7'), 65534, 65534);
  expect(await versions()).toEqual({ running: undefined, next: undefined });
});

it.each([
  ['1.23.17', 23],
  ['1.30.0-rc.1', 30],
  [undefined, undefined],
])('%s has the minor version %s', (text, minor) => {
  expect(minorOf(text)).toBe(minor);
});
