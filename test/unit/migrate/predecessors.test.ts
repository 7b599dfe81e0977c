import { mkdirSync, writeFileSync } from 'node:fs';
import { predecessorsEngine } from '../../../src/migrate/predecessors-engine';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

function start(pid: string, program: string, ...args: string[]): void {
  mkdirSync(root.path('proc', pid), { recursive: true });
  writeFileSync(root.path('proc', pid, 'comm'), `${program}\n`);
  writeFileSync(root.path('proc', pid, 'cmdline'), [program, ...args, ''].join('\0'));
}

const asked = () =>
  predecessorsEngine({
    configFile: root.path('config.yaml'),
    flagFiles: [root.path('kubeadm-flags.env')],
    proc: root.path('proc'),
  });

it('is where cri-dockerd or the kubelet that serves pods itself was told', async () => {
  expect(await asked()).toBeUndefined();
  writeFileSync(root.path('kubeadm-flags.env'), 'KUBELET_KUBEADM_ARGS="--docker-endpoint=unix:///run/a.sock"\n');
  expect(await asked()).toBe('/run/a.sock');
  start('7', 'kubelet', '--docker-endpoint', 'unix:///run/b.sock');
  expect(await asked()).toBe('/run/b.sock');
  start('8', 'cri-dockerd', '--docker-endpoint=unix:///run/c.sock');
  expect(await asked()).toBe('/run/c.sock');
});

it.each(['tcp://127.0.0.1:2375', '', 'unix://'])('is nowhere that the shim can go: %j', async (endpoint) => {
  start('8', 'cri-dockerd', `--docker-endpoint=${endpoint}`);
  expect(await asked()).toBeUndefined();
});
