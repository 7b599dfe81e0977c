import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments } from '../../../src/config/arguments';
import { CRI_DOCKERD_FLAGS } from '../../../src/config/cri-dockerd-flags';
import { CONFIG_FLAG, loadSettings } from '../../../src/config/load';
import { OPTIONS } from '../../../src/config/options';

const load = (...args: string[]) =>
  loadSettings(parseArguments(args, [CONFIG_FLAG, ...OPTIONS, ...CRI_DOCKERD_FLAGS], 'serve'));

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'load-'));
  file = join(directory, 'config.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

it('reads the file that is named', async () => {
  writeFileSync(file, 'log-level: debug\nshutdown-grace: 1s\n');
  const { settings, ...rest } = await load('--config', file, '--shutdown-grace=2s');
  expect(rest).toEqual({ file, warnings: [`${file}:2: shutdown-grace changes nothing: --shutdown-grace was given`] });
  expect(settings['log-level']).toEqual({ values: ['debug'], from: `${file}:1` });
  expect(settings['shutdown-grace']).toEqual({ values: ['2s'], from: '--shutdown-grace' });
});

it('says once of a list that a flag goes before it, and nothing of other lines', async () => {
  writeFileSync(file, 'container-runtime-endpoint: [unix:///run/a.sock, unix:///run/b.sock]\nlog-level: debug\n');
  const { warnings } = await load('--config', file, '--container-runtime-endpoint=fd://');
  expect(warnings).toEqual([
    `${file}:1: container-runtime-endpoint changes nothing: --container-runtime-endpoint was given`,
  ]);
});

it('fails when it is not there', async () => {
  await expect(load('--config', file)).rejects.toMatchObject({ kind: 'InvalidArgument' });
});

/** Every flag of cri-dockerd 0.3 and its master, but --help, --version and --buildinfo, which main answers. */
const CRI_DOCKERD = [
  '--cni-bin-dir=/opt/cni/bin',
  '--cni-cache-dir=/var/lib/cni/cache',
  '--cni-conf-dir=/etc/cni/net.d',
  '--container-runtime-endpoint=fd://',
  '--cri-dockerd-root-directory=/var/lib/cri-dockerd',
  '--docker-endpoint=unix:///var/run/docker.sock',
  '--hairpin-mode=none',
  '--image-pull-progress-deadline=1m0s',
  '--ipv6-dual-stack',
  '--log-level=info',
  '--network-plugin=cni',
  '--network-plugin-mtu=0',
  '--pod-cidr=',
  '--pod-infra-container-image=registry.k8s.io/pause:3.10',
  '--runtime-cgroups=/systemd/system.slice',
  '--runtime-request-timeout=2m',
  '--streaming-bind-addr=',
];

it("takes every flag of cri-dockerd's, and says which change nothing, and why", async () => {
  const { settings, warnings } = await load(...CRI_DOCKERD);
  expect(settings['cri-dockerd-root-directory'].values).toEqual(['/var/lib/cri-dockerd']);
  expect(warnings.map((sentence) => sentence.split(' changes nothing: ')[0])).toEqual([
    '--hairpin-mode',
    '--ipv6-dual-stack',
    '--network-plugin-mtu',
    '--pod-cidr',
    '--runtime-cgroups',
    '--runtime-request-timeout',
  ]);
});
