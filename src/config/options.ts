import { LOG_FORMATS, LOG_LEVELS } from '../telemetry/log';
import { endpointFault } from './endpoint';
import { absolute, address, duration, image, size, type Fault } from './faults';
import type { Flag } from './flag';

/** One setting of `serve`: what the command line, the configuration file, the help and the documentation say of it. */
export interface Option extends Flag {
  readonly value: string;
  readonly default: string;
  /** Each time that it is given counts, rather than the last. */
  readonly repeatable?: boolean;
  /** Its value is a list with commas; in the file it may be a list of YAML's. */
  readonly commas?: boolean;
  /** It takes effect on SIGHUP; the others wait for a restart. */
  readonly reloads?: boolean;
  /** Of a value; one that `words` leaves out is wrong anyway. */
  readonly fault?: Fault;
  /** Values of cri-dockerd's that are taken for one of this shim's. */
  readonly synonyms?: Readonly<Record<string, string>>;
}

/** Every option, in the order of the help. */
export const OPTIONS = [
  {
    flag: 'container-runtime-endpoint',
    value: 'URL',
    default: 'unix:///run/dockershim.sock',
    repeatable: true,
    meaning: 'where CRI is served: unix:///PATH, or fd:// or fd://NAME for sockets that systemd passes on; repeatable',
    fault: endpointFault,
  },
  {
    flag: 'docker-endpoint',
    value: 'URL',
    default: 'unix:///var/run/docker.sock',
    meaning: 'where the Docker Engine listens, a unix socket',
    fault: (value) => (/^unix:\/\/\/./.test(value) ? undefined : 'must be unix:///PATH'),
  },
  {
    flag: 'root-directory',
    value: 'DIR',
    default: '/var/lib/dockershim',
    meaning: 'where the shim keeps what must survive a restart; checkpoints of the in-tree dockershim are read there',
    fault: absolute,
  },
  {
    flag: 'cri-dockerd-root-directory',
    value: 'DIR',
    default: '/var/lib/cri-dockerd',
    meaning: 'cri-dockerd’s own: sandboxes’ checkpoints are kept there, where it finds them after a way back',
    fault: absolute,
  },
  {
    flag: 'pod-infra-container-image',
    value: 'IMAGE',
    default: 'registry.k8s.io/pause:3.10',
    meaning: 'the image of the pause containers; a built-in one serves when it cannot be had',
    fault: image,
  },
  {
    flag: 'network-plugin',
    value: 'NAME',
    default: 'cni',
    meaning:
      'how pods get their network: cni, by the plugins of --cni-conf-dir; or bridge, Docker’s own, for a single node without CNI',
    words: ['cni', 'bridge'],
    synonyms: { '': 'bridge', 'no-op': 'bridge' },
  },
  {
    flag: 'cni-conf-dir',
    value: 'DIR',
    default: '/etc/cni/net.d',
    meaning: 'where the CNI network is configured: the first .conf, .conflist or .json by name that is valid',
    fault: absolute,
  },
  {
    flag: 'cni-bin-dir',
    value: 'DIRS',
    default: '/opt/cni/bin,/usr/lib/cni',
    commas: true,
    meaning: 'where the CNI plugins are, with commas between several directories',
    fault: (value) => (value.split(',').every((dir) => dir.startsWith('/')) ? undefined : 'must be absolute paths'),
  },
  {
    flag: 'cni-cache-dir',
    value: 'DIR',
    default: '/var/lib/cni/cache',
    meaning: 'where the results of CNI plugins are kept, in libcni’s format',
    fault: absolute,
  },
  {
    flag: 'image-pull-progress-deadline',
    value: 'TIME',
    default: '1m0s',
    reloads: true,
    meaning:
      'a pull that makes no progress for so long is given up; ten times as long while Docker unpacks (with containerd’s image store an hour at least), or has other pulls to do first',
    fault: duration,
  },
  {
    flag: 'container-logs',
    value: 'FORMAT',
    default: 'cri',
    meaning:
      'cri writes containers’ logs in the CRI format; link makes links to Docker’s own log files, which older kubelets can read',
    words: ['cri', 'link'],
  },
  {
    flag: 'container-log-spool-size',
    value: 'SIZE',
    default: '64Mi',
    meaning:
      'how much of a container’s output Docker keeps, at most, until it is in the CRI log: more is lost while the shim is down; 16Mi to 16Gi',
    fault: size,
  },
  {
    flag: 'streaming-bind-addr',
    value: 'ADDRESS',
    default: '127.0.0.1:0',
    meaning: 'where exec, attach and port-forward are served: IP, IP:PORT or [IPV6]:PORT; port 0 is any free one',
    fault: address,
    synonyms: { '': '127.0.0.1:0' },
  },
  {
    flag: 'streaming-idle-timeout',
    value: 'TIME',
    default: '4h',
    reloads: true,
    meaning: 'an exec, attach or port-forward without data for so long is ended',
    fault: duration,
  },
  {
    flag: 'shutdown-grace',
    value: 'TIME',
    default: '10s',
    reloads: true,
    meaning:
      'how long calls under way may go on after SIGTERM; under systemd the unit’s TimeoutStopSec, 30s, must be longer by 20s',
    fault: duration,
  },
  {
    flag: 'metrics-bind-addr',
    value: 'ADDRESS',
    default: '',
    meaning: 'where /metrics, /healthz and /readyz are served over HTTP, such as 127.0.0.1:9455; nowhere when empty',
    fault: (value) => (value === '' ? undefined : address(value)),
  },
  {
    flag: 'tracing-endpoint',
    value: 'URL',
    default: '',
    meaning:
      'the OpenTelemetry collector (OTLP over HTTP) that gets traces, such as http://127.0.0.1:4318; none when empty',
    fault: (value) => (/^(http:\/\/[^/?#\s]+\/?)?$/.test(value) ? undefined : 'must be http://HOST:PORT'),
  },
  {
    flag: 'tracing-rate-per-million',
    value: 'NUMBER',
    default: '0',
    meaning:
      'of a million calls that bring no trace of the kubelet’s, how many are traced; the others follow the kubelet',
    fault: (value) =>
      /^\d{1,7}$/.test(value) && Number(value) <= 1e6 ? undefined : 'must be a number from 0 to 1000000',
  },
  {
    flag: 'log-level',
    value: 'LEVEL',
    default: 'info',
    reloads: true,
    meaning: 'the least that is logged: debug, info, warn or error',
    words: LOG_LEVELS,
    synonyms: { panic: 'error', fatal: 'error', warning: 'warn', trace: 'debug' },
  },
  {
    flag: 'log-format',
    value: 'FORMAT',
    default: 'text',
    reloads: true,
    meaning: 'how a line of the log is written: text for people, json for collectors',
    words: LOG_FORMATS,
  },
] as const satisfies readonly Option[];

export type OptionName = (typeof OPTIONS)[number]['flag'];

/** The options whose values can be counted. */
type WordOption = Extract<(typeof OPTIONS)[number], { words: readonly string[] }>;
export type WordOptionName = WordOption['flag'];
/** The values of one of them. */
export type WordOf<Name extends WordOptionName> = Extract<WordOption, { flag: Name }>['words'][number];
