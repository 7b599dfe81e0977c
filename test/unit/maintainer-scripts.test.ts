import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPTS = join(__dirname, '../../deploy/debian');
const UNITS = ['dockershim.service', 'dockershim.socket'];

/** Its units are files in enabled/ and active/; a verb that has a file in refused/ fails. */
const SYSTEMCTL = `#!/bin/sh
verb=$1; shift
[ "$verb" != show ] || echo 7
echo "$verb $*" >> "$ROOT/calls"
[ ! -e "$ROOT/refused/$verb" ] || exit 1
now=
for word; do
  case $word in --now) now=1; continue ;; -*) continue ;; esac
  case $verb in
    is-active) [ ! -e "$ROOT/active/$word" ] || exit 0 ;;
    is-enabled) [ ! -e "$ROOT/enabled/$word" ] || exit 0 ;;
    enable) : > "$ROOT/enabled/$word" ;;
    start) : > "$ROOT/active/$word" ;;
    disable) rm -f "$ROOT/enabled/$word"; [ -z "$now" ] || rm -f "$ROOT/active/$word" ;;
  esac
done
case $verb in is-*) exit 3 ;; esac
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maintainer-scripts-'));
  for (const directory of ['enabled', 'active', 'run/systemd/system'])
    mkdirSync(join(root, directory), { recursive: true });
  put('bin/systemctl', SYSTEMCTL, 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

function put(file: string, text = '', mode = 0o644): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text, { mode });
}

/** What a maintainer script says that must not fail. */
function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = attempt(script, args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** A maintainer script with this node's files and units in the place of the machine's. */
function attempt(script: string, args: readonly string[], path = `${root}/bin:/usr/bin:/bin`) {
  const text = readFileSync(join(SCRIPTS, script), 'utf8');
  const moved = text.replace(/(?<=[\s="])\/(?=(run\/systemd|proc|var\/lib|etc)\b)/g, `${root}/`);
  const env = { PATH: path, ROOT: root };
  return spawnSync('/bin/sh', ['-c', moved, script, ...args], { encoding: 'utf8', env });
}

const unitsThatAre = (state: 'enabled' | 'active') =>
  readdirSync(join(root, state)).filter((unit) => UNITS.includes(unit));
const calls = () => readFileSync(join(root, 'calls'), 'utf8');

it('starts what was installed, now and at every boot', () => {
  expect(run('postinst', 'configure', '')).toBe('');
  expect(unitsThatAre('enabled')).toEqual(UNITS);
  expect(unitsThatAre('active')).toEqual(UNITS);
});

it.each<[string, () => void]>([
  ['cri-dockerd runs here', () => put('active/cri-docker.service')],
  ['cri-dockerd runs here', () => put('active/cri-docker.socket')],
  [
    'another process serves /run/dockershim.sock',
    () => put('proc/net/unix', '0000: 00000002 00000000 00010000 0001 01 123 /var/run/dockershim.sock\n'),
  ],
  [
    'the kubelet runs with another runtime',
    () => {
      put('active/kubelet.service');
      put('var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n');
    },
  ],
])('leaves it alone where %s', (why, happen) => {
  happen();
  expect(run('postinst', 'configure', '').split('\n')[0]).toBe(`dockershim is installed and not started: ${why}.`);
  expect(unitsThatAre('enabled')).toEqual([]);
  expect(unitsThatAre('active')).toEqual([]);
});

it.each([
  ['var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///run/dockershim.sock\n'],
  ['proc/7/cmdline', '/usr/bin/kubelet\0--container-runtime-endpoint=unix:///run/dockershim.sock\0'],
  ['etc/kubernetes/kubelet.conf.d/20-dockershim.conf', 'containerRuntimeEndpoint: unix:///run/dockershim.sock\n'],
])('starts it for a kubelet that waits for it, by %s', (file, text) => {
  put('active/kubelet.service');
  put(file, text);
  run('postinst', 'configure', '');
  expect(unitsThatAre('active')).toEqual(UNITS);
});

it('takes its own socket for nobody else’s', () => {
  put('active/dockershim.socket');
  put('proc/net/unix', '0000: 00000002 00000000 00010000 0001 01 123 /run/dockershim.sock\n');
  run('postinst', 'configure', '');
  expect(unitsThatAre('active')).toEqual(UNITS);
});

it('puts a newer one in the place of the one that runs, and asks nothing else', () => {
  put('active/cri-docker.service');
  expect(run('postinst', 'configure', '1.0.0')).toBe('');
  expect(calls()).toBe('daemon-reload \ntry-restart dockershim.service\n');
});

it('starts it again when it comes after a removal, which dpkg takes for an upgrade', () => {
  run('postinst', 'configure', '');
  run('prerm', 'remove');
  expect(unitsThatAre('enabled')).toEqual([]);
  run('postinst', 'configure', '1.0.0');
  expect(unitsThatAre('enabled')).toEqual(UNITS);
  expect(unitsThatAre('active')).toEqual(UNITS);
  expect(existsSync(join(root, 'var/lib/dockershim/removed'))).toBe(false);
});

it('starts it again for a kubelet that knows it by the socket of cri-dockerd', () => {
  put('active/kubelet.service');
  put('var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///run/cri-dockerd.sock\n');
  UNITS.forEach((unit) => put(`enabled/${unit}`));
  run('prerm', 'remove');
  expect(run('postinst', 'configure', '1.0.0')).toBe('');
  expect(unitsThatAre('enabled')).toEqual(UNITS);
  expect(unitsThatAre('active')).toEqual(UNITS);
});

it.each(['enable', 'start'])(
  'starts it at the second attempt after a removal, when the first could not %s it',
  (verb) => {
    run('postinst', 'configure', '');
    run('prerm', 'remove');
    put(`refused/${verb}`);
    expect(attempt('postinst', ['configure', '1.0.0']).status).not.toBe(0);
    rmSync(join(root, 'refused', verb));
    run('postinst', 'configure', '1.0.0');
    expect(unitsThatAre('enabled')).toEqual(UNITS);
    expect(unitsThatAre('active')).toEqual(UNITS);
  },
);

it('forgets a removal when another runtime has come meanwhile, and asks nothing else at the next upgrade', () => {
  run('postinst', 'configure', '');
  run('prerm', 'remove');
  put('active/cri-docker.service');
  expect(run('postinst', 'configure', '1.0.0')).toMatch('cri-dockerd runs here');
  rmSync(join(root, 'active/cri-docker.service'));
  run('postinst', 'configure', '1.0.1');
  expect(unitsThatAre('enabled')).toEqual([]);
});

it('leaves it disabled after a removal when somebody had disabled it', () => {
  run('prerm', 'remove');
  run('postinst', 'configure', '1.0.0');
  expect(unitsThatAre('enabled')).toEqual([]);
  expect(unitsThatAre('active')).toEqual([]);
});

it.each([
  ['postinst', 'abort-upgrade'],
  ['prerm', 'upgrade'],
])('%s %s touches nothing', (script, word) => {
  run(script, word, '1.0.0');
  expect(existsSync(join(root, 'calls'))).toBe(false);
});

describe('where systemd does not run, as in an image that is being made', () => {
  beforeEach(() => rmSync(join(root, 'run'), { recursive: true }));

  it('is enabled for the next boot, and starts nothing', () => {
    put('enabled/kubelet.service');
    put('var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: ""\n');
    put(
      'etc/default/kubelet',
      '# KUBELET_EXTRA_ARGS=--container-runtime-endpoint=unix:///run/containerd/containerd.sock\n',
    );
    expect(run('postinst', 'configure', '')).toMatch(/^dockershim is enabled and starts at the next boot/);
    expect(unitsThatAre('enabled')).toEqual(UNITS);
    expect(unitsThatAre('active')).toEqual([]);
    expect(calls()).not.toMatch(/^(daemon-reload|start|show)/m);
  });

  it.each([
    ['cri-dockerd is enabled here', 'enabled/cri-docker.service', ''],
    ['cri-dockerd is enabled here', 'enabled/cri-docker.socket', ''],
    [
      'the kubelet is configured with another runtime',
      'var/lib/kubelet/config.yaml',
      'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n',
    ],
    [
      'the kubelet is configured with another runtime',
      'var/lib/kubelet/kubeadm-flags.env',
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=/run/containerd/containerd.sock"\n',
    ],
    [
      'the kubelet is configured with another runtime',
      'etc/systemd/system/kubelet.service.d/runtime.conf',
      '[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--container-runtime-endpoint unix:///run/crio/crio.sock"\n',
    ],
  ])('is not enabled where %s, by %s', (why, file, text) => {
    put(file, text);
    expect(run('postinst', 'configure', '').split('\n')[0]).toBe(`dockershim is installed and not enabled: ${why}.`);
    expect(unitsThatAre('enabled')).toEqual([]);
  });

  it('is enabled for a kubelet that is told of its socket', () => {
    put('var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///run/dockershim.sock\n');
    run('postinst', 'configure', '');
    expect(unitsThatAre('enabled')).toEqual(UNITS);
  });

  it('is installed although it cannot be enabled, and removed although it cannot be disabled', () => {
    put('refused/enable');
    put('refused/disable');
    expect(run('postinst', 'configure', '')).toMatch(/^dockershim is installed and could not be enabled/);
    run('prerm', 'remove');
  });

  it('is enabled by the next version when it could not be when it came again', () => {
    run('postinst', 'configure', '');
    run('prerm', 'remove');
    put('refused/enable');
    run('postinst', 'configure', '1.0.0');
    rmSync(join(root, 'refused/enable'));
    run('postinst', 'configure', '1.0.0');
    expect(unitsThatAre('enabled')).toEqual(UNITS);
  });

  it('asks nothing at an upgrade: what somebody has disabled stays so', () => {
    expect(run('postinst', 'configure', '1.0.0')).toBe('');
    expect(existsSync(join(root, 'calls'))).toBe(false);
  });

  it('is disabled by a removal, and enabled when it comes again', () => {
    run('postinst', 'configure', '');
    run('prerm', 'remove');
    expect(unitsThatAre('enabled')).toEqual([]);
    run('postinst', 'configure', '1.0.0');
    expect(unitsThatAre('enabled')).toEqual(UNITS);
    expect(existsSync(join(root, 'var/lib/dockershim/removed'))).toBe(false);
  });

  it.each([
    ['postinst', 'configure'],
    ['prerm', 'remove'],
  ])('%s %s does nothing where there is no systemctl either', (script, word) => {
    rmSync(join(root, 'bin'), { recursive: true });
    expect(attempt(script, [word, ''], `${root}/bin`)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(join(root, 'calls'))).toBe(false);
  });
});
