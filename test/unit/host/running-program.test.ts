import { mkdirSync, writeFileSync } from 'node:fs';
import { runningProgram } from '../../../src/host/running-program';
import { temporaryDirectory } from '../../support/temporary-directory';

const proc = temporaryDirectory();

function start(pid: number, comm: string, ...args: string[]): void {
  mkdirSync(proc.path(String(pid)));
  writeFileSync(proc.path(String(pid), 'comm'), `${comm}\n`);
  writeFileSync(proc.path(String(pid), 'cmdline'), `/usr/bin/${comm}\0${args.map((arg) => `${arg}\0`).join('')}`);
}

it('finds a program by its name, with what it was given', async () => {
  mkdirSync(proc.path('net'));
  start(7, 'cri-dockerd-old', '--b');
  start(8, 'cri-dockerd', '--network-plugin=', '--cni-bin-dir', '/a b');
  expect(await runningProgram('cri-dockerd', proc.path())).toMatchObject({
    pid: '8',
    args: ['--network-plugin=', '--cni-bin-dir', '/a b'],
  });
});

it('finds none where there is none', async () => {
  start(7, 'kubelet');
  expect(await runningProgram('cri-dockerd', proc.path())).toBeUndefined();
  expect(await runningProgram('cri-dockerd', proc.path('none'))).toBeUndefined();
});
