import { chownSync, mkdirSync } from 'node:fs';
import { runningProgram } from '../../../src/host/running-program';
import { asRoot } from '../../support/as-root';
import { fakeProcess, fakeProcesses } from '../../support/fake-processes';
import { temporaryDirectory } from '../../support/temporary-directory';

const proc = temporaryDirectory();

beforeEach(() => fakeProcesses(proc.path()));

it('finds a program by its name, with what it was given', async () => {
  mkdirSync(proc.path('net'));
  fakeProcess(proc.path(), { pid: '7', comm: 'cri-dockerd-old', args: ['--b'] });
  fakeProcess(proc.path(), { pid: '8', comm: 'cri-dockerd', args: ['--network-plugin=', '--cni-bin-dir', '/a b'] });
  expect(await runningProgram('cri-dockerd', proc.path())).toMatchObject({
    pid: '8',
    args: ['--network-plugin=', '--cni-bin-dir', '/a b'],
  });
});

it('finds none where there is none', async () => {
  fakeProcess(proc.path(), { pid: '7', comm: 'kubelet' });
  expect(await runningProgram('cri-dockerd', proc.path())).toBeUndefined();
  expect(await runningProgram('cri-dockerd', proc.path('none'))).toBeUndefined();
});

it("passes over a container's process that calls itself so, and finds this host's behind it", async () => {
  fakeProcess(proc.path(), { pid: '7', comm: 'kubelet', namespace: 'mnt:[2]' });
  expect(await runningProgram('kubelet', proc.path())).toBeUndefined();
  fakeProcess(proc.path(), { pid: '8', comm: 'kubelet' });
  expect(await runningProgram('kubelet', proc.path())).toMatchObject({ pid: '8' });
});

asRoot("passes over another user's process", async () => {
  fakeProcess(proc.path(), { pid: '7', comm: 'kubelet' });
  chownSync(proc.path('7'), 65534, 65534);
  expect(await runningProgram('kubelet', proc.path())).toBeUndefined();
});
