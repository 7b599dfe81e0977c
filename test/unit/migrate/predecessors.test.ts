import { writeFileSync } from 'node:fs';
import { predecessorsEngine, readPredecessors } from '../../../src/migrate/predecessors';
import { fakeProcess, fakeProcesses } from '../../support/fake-processes';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

beforeEach(() => fakeProcesses(root.path('proc')));

const start = (pid: string, comm: string, ...args: string[]) => fakeProcess(root.path('proc'), { pid, comm, args });

const read = () =>
  readPredecessors({
    configFile: root.path('config.yaml'),
    flagFiles: [root.path('kubeadm-flags.env')],
    proc: root.path('proc'),
  });
const asked = async () => predecessorsEngine(await read());

describe('their engine', () => {
  it('is where cri-dockerd or the kubelet that serves pods itself was told', async () => {
    expect(await asked()).toBeUndefined();
    writeFileSync(root.path('kubeadm-flags.env'), 'KUBELET_KUBEADM_ARGS="--docker-endpoint=unix:///run/a.sock"\n');
    expect(await asked()).toBe('/run/a.sock');
    start('7', 'kubelet', '--docker-endpoint', 'unix:///run/b.sock');
    expect(await asked()).toBe('/run/b.sock');
    start('8', 'cri-dockerd', '--docker-endpoint=unix:///run/c.sock');
    expect(await asked()).toBe('/run/c.sock');
  });

  it('is not where a process of a container says, whatever it calls itself', async () => {
    const args = ['--docker-endpoint=unix:///pod/socket'];
    fakeProcess(root.path('proc'), { pid: '7', comm: 'kubelet', args, namespace: 'mnt:[2]' });
    fakeProcess(root.path('proc'), { pid: '8', comm: 'cri-dockerd', args, namespace: 'mnt:[2]' });
    expect(await asked()).toBeUndefined();
    expect((await read()).criDockerd).toBeUndefined();
  });

  it.each(['tcp://127.0.0.1:2375', '', 'unix://'])('is nowhere that the shim can go: %j', async (endpoint) => {
    start('8', 'cri-dockerd', `--docker-endpoint=${endpoint}`);
    expect(await asked()).toBeUndefined();
  });
});
