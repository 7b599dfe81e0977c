import { parseArgs } from 'node:util';
import { messageOf, ShimError } from '../lib/errors';
import type { LogFormat, LogLevel } from '../telemetry/log';
import { parseAddress, type Address } from './address';
import { OPTIONS, parseDuration, type Option, type OptionName } from './options';

/** The settings of one run of the shim, checked. */
export interface Config {
  readonly endpoints: readonly string[];
  readonly dockerSocket: string;
  readonly rootDirectory: string;
  readonly criDockerdRootDirectory: string;
  readonly pauseImage: string;
  readonly networkPlugin: 'bridge' | 'cni';
  readonly cniConfDir: string;
  readonly cniBinDirs: readonly string[];
  readonly cniCacheDir: string;
  readonly pullProgressDeadlineMs: number;
  readonly streamingAddress: Address;
  readonly streamingIdleTimeoutMs: number;
  readonly shutdownGraceMs: number;
  /** Nothing: no metrics are kept. */
  readonly metricsAddress: Address | undefined;
  readonly tracingEndpoint: string | undefined;
  readonly tracingRatePerMillion: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/**
 * The configuration that the arguments of `serve` ask for.
 * @throws ShimError InvalidArgument naming the option that is unknown or wrong.
 */
export function readConfig(args: readonly string[]): Config {
  const given = parse(args);
  const valuesOf = (name: OptionName): readonly string[] => checked(name, given);
  const valueOf = (name: OptionName): string => valuesOf(name).at(-1) ?? '';
  return Object.freeze({
    endpoints: valuesOf('container-runtime-endpoint'),
    dockerSocket: valueOf('docker-endpoint').slice('unix://'.length),
    rootDirectory: valueOf('root-directory'),
    criDockerdRootDirectory: valueOf('cri-dockerd-root-directory'),
    pauseImage: valueOf('pod-infra-container-image'),
    networkPlugin: valueOf('network-plugin') as Config['networkPlugin'],
    cniConfDir: valueOf('cni-conf-dir'),
    cniBinDirs: valueOf('cni-bin-dir').split(','),
    cniCacheDir: valueOf('cni-cache-dir'),
    pullProgressDeadlineMs: parseDuration(valueOf('image-pull-progress-deadline')),
    streamingAddress: parseAddress(valueOf('streaming-bind-addr')),
    streamingIdleTimeoutMs: parseDuration(valueOf('streaming-idle-timeout')),
    shutdownGraceMs: parseDuration(valueOf('shutdown-grace')),
    metricsAddress: optional(valueOf('metrics-bind-addr'), parseAddress),
    tracingEndpoint: optional(valueOf('tracing-endpoint'), String),
    tracingRatePerMillion: Number(valueOf('tracing-rate-per-million')),
    logLevel: valueOf('log-level') as LogLevel,
    logFormat: valueOf('log-format') as LogFormat,
  });
}

/** An empty value turns off what it is for. */
function optional<T>(value: string, parse: (value: string) => T): T | undefined {
  return value === '' ? undefined : parse(value);
}

type Given = Readonly<Record<string, readonly string[]>>;

function parse(args: readonly string[]): Given {
  const names = OPTIONS.flatMap((option: Option) => [option.flag, ...(option.aliases ?? [])]);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: Object.fromEntries(names.map((name) => [name, { type: 'string', multiple: true } as const])),
      allowPositionals: false,
    });
    return values as Given;
  } catch (error) {
    throw new ShimError('InvalidArgument', `${messageOf(error)} (dockershim serve --help lists the options)`, error);
  }
}

function checked(name: OptionName, given: Given): readonly string[] {
  const option: Option | undefined = OPTIONS.find(({ flag }) => flag === name);
  if (option === undefined) throw new Error(`no option ${name}`);
  const values = [option.flag, ...(option.aliases ?? [])].flatMap((flag) => given[flag] ?? []);
  for (const value of values) {
    const fault = option.fault?.(value);
    if (fault !== undefined) throw new ShimError('InvalidArgument', `--${name} ${fault}, not ${JSON.stringify(value)}`);
  }
  return values.length > 0 ? values : [option.default];
}
