import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKubeletSettings, type KubeletPlaces } from '../../../src/doctor/kubelet-settings';
import { fakeProcess, fakeProcesses } from '../../support/fake-processes';

let root: string;
let places: KubeletPlaces;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubelet-'));
  places = {
    configFile: join(root, 'config.yaml'),
    flagFiles: [join(root, 'kubeadm-flags.env')],
    proc: join(root, 'proc'),
  };
  fakeProcesses(places.proc);
});

afterEach(() => rmSync(root, { recursive: true }));

it('knows nothing where no kubelet is', async () => {
  expect(await readKubeletSettings(places)).toEqual({
    running: false,
    complete: false,
    sources: [],
    cgroupDriver: undefined,
    runtimeEndpoint: undefined,
    runtime: undefined,
    flags: new Map(),
    endpointFlagFile: undefined,
    endpointFile: undefined,
  });
});

it('reads the file of a new kubelet', async () => {
  writeFileSync(
    places.configFile,
    'kind: KubeletConfiguration\ncgroupDriver: systemd\ncontainerRuntimeEndpoint: unix:///run/dockershim.sock\n',
  );
  expect(await readKubeletSettings(places)).toEqual({
    running: false,
    complete: false,
    sources: [places.configFile],
    cgroupDriver: 'systemd',
    runtimeEndpoint: 'unix:///run/dockershim.sock',
    runtime: undefined,
    flags: new Map(),
    endpointFlagFile: undefined,
    endpointFile: places.configFile,
  });
});

it("reads kubeadm's flags, which go before the file", async () => {
  writeFileSync(places.configFile, 'cgroupDriver: systemd\ncontainerRuntimeEndpoint: unix:///run/a.sock\n');
  const flags = '--container-runtime=remote --container-runtime-endpoint=unix:///run/b.sock --node-ip 10.0.0.1';
  writeFileSync(places.flagFiles[0] ?? '', `KUBELET_KUBEADM_ARGS="${flags}"\n`);

  expect(await readKubeletSettings(places)).toMatchObject({
    cgroupDriver: 'systemd',
    runtimeEndpoint: 'unix:///run/b.sock',
    runtime: 'remote',
  });
});

it("names the last file that has the endpoint's flag, which is the one that counts", async () => {
  const [kubeadm = '', extra = '', last = ''] = ['kubeadm-flags.env', 'default', 'sysconfig'].map((name) =>
    join(root, name),
  );
  places = { ...places, flagFiles: [kubeadm, extra, last] };
  writeFileSync(kubeadm, 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/a.sock"\n');
  writeFileSync(last, 'KUBELET_EXTRA_ARGS=--node-ip=10.0.0.1\n');
  expect((await readKubeletSettings(places)).endpointFlagFile).toBe(kubeadm);
  writeFileSync(extra, 'KUBELET_EXTRA_ARGS="--container-runtime-endpoint=unix:///run/b.sock"\n');
  expect(await readKubeletSettings(places)).toMatchObject({
    runtimeEndpoint: 'unix:///run/b.sock',
    endpointFlagFile: extra,
  });
});

it('believes a running kubelet most, and takes its configuration from where that says', async () => {
  const own = join(root, 'own.yaml');
  writeFileSync(own, 'cgroupDriver: cgroupfs\n');
  writeFileSync(places.flagFiles[0] ?? '', 'KUBELET_EXTRA_ARGS=--container-runtime-endpoint=unix:///run/b.sock\n');
  const args = ['--config', own, '-container-runtime-endpoint=unix:///run/c.sock'];
  fakeProcess(places.proc, { pid: '7', comm: 'kubelet', args });

  expect(await readKubeletSettings(places)).toEqual({
    running: true,
    complete: true,
    sources: [places.flagFiles[0], 'the kubelet that runs (process 7)', own],
    cgroupDriver: 'cgroupfs',
    runtimeEndpoint: 'unix:///run/c.sock',
    runtime: undefined,
    flags: new Map([
      ['container-runtime-endpoint', 'unix:///run/c.sock'],
      ['config', own],
    ]),
    endpointFlagFile: places.flagFiles[0],
    endpointFile: own,
  });
});

describe('is told more than is found', () => {
  const complete = async () => (await readKubeletSettings(places)).complete;
  const start = (...args: string[]) => fakeProcess(places.proc, { pid: '7', comm: 'kubelet', args });

  it('as long as it does not run: its unit may have flags', async () => {
    writeFileSync(places.configFile, 'maxPods: 50\n');
    expect(await complete()).toBe(false);
    start();
    expect(await complete()).toBe(true);
  });

  it('as long as a file that it is told can not be read', async () => {
    start('--config', join(root, 'own.yaml'), '--config-dir', join(root, 'kubelet.conf.d'));
    expect(await complete()).toBe(false);
    writeFileSync(join(root, 'own.yaml'), 'maxPods: 50\n');
    expect(await complete()).toBe(false);
    mkdirSync(join(root, 'kubelet.conf.d'));
    expect(await complete()).toBe(true);
    writeFileSync(join(root, 'kubelet.conf.d/10-a.conf'), 'maxPods: [\n');
    expect(await complete()).toBe(false);
  });

  it('not when it runs without a file', async () => {
    start('--node-ip=10.0.0.1');
    expect(await complete()).toBe(true);
  });
});

describe('with --config-dir', () => {
  const dropIn = (name: string, text: string): string => {
    const file = join(root, 'kubelet.conf.d', name);
    writeFileSync(file, text);
    return file;
  };
  beforeEach(() => {
    mkdirSync(join(root, 'kubelet.conf.d'));
    writeFileSync(places.configFile, 'cgroupDriver: systemd\ncontainerRuntimeEndpoint: unix:///run/a.sock\n');
    writeFileSync(places.flagFiles[0] ?? '', `KUBELET_EXTRA_ARGS=--config-dir=${join(root, 'kubelet.conf.d')}\n`);
  });

  it('goes by the last .conf that says it', async () => {
    const later = dropIn('20-b.conf', 'containerRuntimeEndpoint: unix:///run/c.sock\n');
    const earlier = dropIn('10-a.conf', 'containerRuntimeEndpoint: unix:///run/b.sock\n');
    const last = dropIn('30-c.conf', 'maxPods: 50\n');
    dropIn('40-d.yaml', 'containerRuntimeEndpoint: unix:///run/d.sock\n');
    expect(await readKubeletSettings(places)).toMatchObject({
      sources: [places.flagFiles[0], places.configFile, earlier, later, last],
      cgroupDriver: 'systemd',
      runtimeEndpoint: 'unix:///run/c.sock',
      endpointFile: later,
    });
  });

  it('goes by the file where no drop-in says it, or there is none', async () => {
    const expected = { runtimeEndpoint: 'unix:///run/a.sock', endpointFile: places.configFile };
    dropIn('10-a.conf', 'maxPods: 50\n');
    expect(await readKubeletSettings(places)).toMatchObject(expected);
    rmSync(join(root, 'kubelet.conf.d'), { recursive: true });
    expect(await readKubeletSettings(places)).toMatchObject(expected);
  });
});

it('takes a file that is no YAML for none', async () => {
  writeFileSync(places.configFile, 'cgroupDriver: [systemd\n');
  expect((await readKubeletSettings(places)).cgroupDriver).toBeUndefined();
});
