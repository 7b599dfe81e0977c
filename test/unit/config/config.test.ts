import type { Config } from '../../../src/config/config';
import { OPTIONS, type OptionName } from '../../../src/config/options';
import { readConfig } from '../../support/read-config';
import { refusal } from '../../support/refusal';

const PAUSE_BY_DIGEST = `localhost:5000/pause@sha256:${'a'.repeat(64)}`;

const DEFAULTS: Config = {
  endpoints: ['unix:///run/dockershim.sock'],
  socketPaths: ['/run/dockershim.sock'],
  dockerSocket: '/var/run/docker.sock',
  rootDirectory: '/var/lib/dockershim',
  criDockerdRootDirectory: '/var/lib/cri-dockerd',
  pauseImage: 'registry.k8s.io/pause:3.10',
  networkPlugin: 'cni',
  cniConfDir: '/etc/cni/net.d',
  cniBinDirs: ['/opt/cni/bin', '/usr/lib/cni'],
  cniCacheDir: '/var/lib/cni/cache',
  pullProgressDeadlineMs: 60_000,
  containerLogs: 'cri',
  containerLogSpoolBytes: 67_108_864,
  streamingAddress: { host: '127.0.0.1', port: 0 },
  streamingIdleTimeoutMs: 14_400_000,
  shutdownGraceMs: 10_000,
  metricsAddress: undefined,
  tracingEndpoint: undefined,
  tracingRatePerMillion: 0,
  logLevel: 'info',
  logFormat: 'text',
};

it('without arguments has its defaults', () => {
  expect(readConfig([])).toEqual(DEFAULTS);
});

it('cannot be changed', () => {
  expect(Object.isFrozen(readConfig([]))).toBe(true);
});

/** For each option: a value and what it makes of the configuration; a value that is refused and why. */
const EACH: Record<OptionName, { good: [string, Partial<Config>][]; bad: [string, RegExp][] }> = {
  'container-runtime-endpoint': {
    good: [
      ['unix:///tmp/a.sock', { endpoints: ['unix:///tmp/a.sock'], socketPaths: ['/tmp/a.sock'] }],
      ['/tmp/a.sock', { endpoints: ['/tmp/a.sock'], socketPaths: ['/tmp/a.sock'] }],
      ['fd://', { endpoints: ['fd://'], socketPaths: [] }],
    ],
    bad: [
      ['tcp://127.0.0.1:2375', /must be unix:\/\/\/PATH, \/PATH, fd:\/\/ or fd:\/\/NAME, not "tcp:/],
      ['run/x.sock', /must have an absolute path, .*, not "run\/x.sock"/],
    ],
  },
  'docker-endpoint': {
    good: [['unix:///run/d.sock', { dockerSocket: '/run/d.sock' }]],
    bad: [
      ['tcp://127.0.0.1:2375', /must be unix:\/\/\/PATH, not "tcp:/],
      ['unix:///', /must be unix/],
      ['', /must be unix/],
    ],
  },
  'root-directory': {
    good: [['/srv/shim', { rootDirectory: '/srv/shim' }]],
    bad: [
      ['shim', /must be an absolute path, not "shim"/],
      ['', /must be an absolute path/],
    ],
  },
  'cri-dockerd-root-directory': {
    good: [['/srv/cri-dockerd', { criDockerdRootDirectory: '/srv/cri-dockerd' }]],
    bad: [['cri-dockerd', /must be an absolute path/]],
  },
  'pod-infra-container-image': {
    good: [
      ['pause:1', { pauseImage: 'pause:1' }],
      [PAUSE_BY_DIGEST, { pauseImage: PAUSE_BY_DIGEST }],
    ],
    bad: [
      ['', /must name an image/],
      ['registry.k8s.io/Pause:3.10', /must name an image, such as \S+, not "registry\.k8s\.io\/Pause:3\.10"/],
      ['pause@sha256:12ab', /must name an image/],
      ['registry.k8s.io/pause:', /must name an image/],
      ['pause?all=1', /must name an image/],
    ],
  },
  'network-plugin': {
    good: [
      ['cni', {}],
      ['bridge', { networkPlugin: 'bridge' }],
    ],
    bad: [['calico', /must be cni or bridge, not "calico"/]],
  },
  'cni-conf-dir': {
    good: [['/cni', { cniConfDir: '/cni' }]],
    bad: [['cni', /must be an absolute path/]],
  },
  'cni-bin-dir': {
    good: [['/a,/b', { cniBinDirs: ['/a', '/b'] }]],
    bad: [['/a,b', /must be absolute paths/]],
  },
  'cni-cache-dir': {
    good: [['/cache', { cniCacheDir: '/cache' }]],
    bad: [['', /must be an absolute path/]],
  },
  'image-pull-progress-deadline': {
    good: [['5m', { pullProgressDeadlineMs: 300_000 }]],
    bad: [
      ['0', /must be a time such as 90s or 1m30s, at most 48h, not "0"/],
      ['596h', /must be a time/],
    ],
  },
  'container-logs': {
    good: [['link', { containerLogs: 'link' }]],
    bad: [['none', /must be cri or link, not "none"/]],
  },
  'container-log-spool-size': {
    good: [
      ['16Mi', { containerLogSpoolBytes: 16_777_216 }],
      ['1Gi', { containerLogSpoolBytes: 1_073_741_824 }],
    ],
    bad: [
      ['15Mi', /must be a size such as 512Mi or 1Gi, from 16Mi to 16Gi, not "15Mi"/],
      ['17Gi', /must be a size/],
      ['64M', /must be a size/],
      ['', /must be a size/],
    ],
  },
  'streaming-bind-addr': {
    good: [['[::1]:10250', { streamingAddress: { host: '::1', port: 10_250 } }]],
    bad: [['localhost:1', /must be IP, IP:PORT or \[IPV6\]:PORT, not "localhost:1"/]],
  },
  'streaming-idle-timeout': {
    good: [['1h', { streamingIdleTimeoutMs: 3_600_000 }]],
    bad: [['never', /must be a time/]],
  },
  'shutdown-grace': {
    good: [['500ms', { shutdownGraceMs: 500 }]],
    bad: [['-1s', /must be a time/]],
  },
  'metrics-bind-addr': {
    good: [
      ['127.0.0.1:9455', { metricsAddress: { host: '127.0.0.1', port: 9455 } }],
      ['', { metricsAddress: undefined }],
    ],
    bad: [['localhost:9455', /must be IP, IP:PORT or \[IPV6\]:PORT/]],
  },
  'tracing-endpoint': {
    good: [
      ['http://127.0.0.1:4318', { tracingEndpoint: 'http://127.0.0.1:4318' }],
      ['', { tracingEndpoint: undefined }],
    ],
    bad: [
      ['127.0.0.1:4317', /must be http:\/\/HOST:PORT/],
      ['https://collector:4318', /must be http/],
      ['http://collector:4318/v1/traces', /must be http/],
    ],
  },
  'tracing-rate-per-million': {
    good: [['1000000', { tracingRatePerMillion: 1_000_000 }]],
    bad: [
      ['1000001', /must be a number from 0 to 1000000/],
      ['-1', /must be a number/],
    ],
  },
  'log-level': {
    good: [['debug', { logLevel: 'debug' }]],
    bad: [['loud', /must be debug or info or warn or error, not "loud"/]],
  },
  'log-format': {
    good: [['json', { logFormat: 'json' }]],
    bad: [['xml', /must be text or json, not "xml"/]],
  },
};

const rows = Object.entries(EACH);
const good = rows.flatMap(([flag, { good }]) => good.map(([value, part]) => [flag, value, part] as const));
const bad = rows.flatMap(([flag, { bad }]) => bad.map(([value, why]) => [flag, value, why] as const));

it.each(good)('--%s %s', (flag, value, part) => {
  const config = { ...DEFAULTS, ...part };
  expect(readConfig([`--${flag}`, value])).toEqual(config);
  expect(readConfig([`--${flag}=${value}`])).toEqual(config);
});

it.each(bad)('--%s refuses %j', (flag, value, why) => {
  const sentence = refusal(() => readConfig([`--${flag}=${value}`]));
  expect(sentence).toMatch(new RegExp(`^InvalidArgument: --${flag} `));
  expect(sentence).toMatch(why);
});

it('every option has its rows', () => {
  expect(Object.keys(EACH).sort()).toEqual(OPTIONS.map(({ flag }) => flag).sort());
});

it('several endpoints are all served', () => {
  const args = ['--container-runtime-endpoint', 'unix:///a', '--container-runtime-endpoint=fd://x'];
  expect(readConfig(args).endpoints).toEqual(['unix:///a', 'fd://x']);
});

it('of another option the last one counts', () => {
  expect(readConfig(['--log-level=debug', '--log-level=warn']).logLevel).toBe('warn');
});

it.each([
  ['an unknown option', ['--nonsense'], /--nonsense.*serve --help lists the options/],
  ['a word', ['nonsense'], /nonsense.*serve --help/],
  ['an option without its value', ['--log-level'], /--log-level.*serve --help/],
  ['an option in place of a value', ['--log-level', '--log-format'], /serve --help/],
  ['a bad value before a good one', ['--log-level=loud', '--log-level=warn'], /--log-level must be/],
])('%s is refused', (_what, args, why) => {
  const sentence = refusal(() => readConfig(args));
  expect(sentence).toMatch(/^InvalidArgument: /);
  expect(sentence).toMatch(why);
});
