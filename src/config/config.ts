import { parseEndpoint } from '../lib/endpoint';
import { parseAddress, type Address } from './address';
import { parseDuration } from './duration';
import type { OptionName, WordOf, WordOptionName } from './options';
import type { Settings } from './settings';
import { parseSize } from './size';

/** The settings of one run of the shim, checked. */
export interface Config {
  readonly endpoints: readonly string[];
  /** The endpoints that are files; a socket that systemd passes on has no path here. */
  readonly socketPaths: readonly string[];
  readonly dockerSocket: string;
  readonly rootDirectory: string;
  readonly criDockerdRootDirectory: string;
  readonly pauseImage: string;
  readonly networkPlugin: WordOf<'network-plugin'>;
  readonly cniConfDir: string;
  readonly cniBinDirs: readonly string[];
  readonly cniCacheDir: string;
  readonly pullProgressDeadlineMs: number;
  readonly containerLogs: WordOf<'container-logs'>;
  readonly containerLogSpoolBytes: number;
  readonly streamingAddress: Address;
  readonly streamingIdleTimeoutMs: number;
  readonly shutdownGraceMs: number;
  /** Nothing: no metrics are kept. */
  readonly metricsAddress: Address | undefined;
  readonly tracingEndpoint: string | undefined;
  readonly tracingRatePerMillion: number;
  readonly logLevel: WordOf<'log-level'>;
  readonly logFormat: WordOf<'log-format'>;
}

/** What the settings mean to the rooms that they are for. */
export function configOf(settings: Settings): Config {
  const valueOf = (name: OptionName): string => settings[name].values.at(-1) ?? '';
  // Settings are checked: the value is one of the option's words.
  const wordOf = <Name extends WordOptionName>(name: Name) => valueOf(name) as WordOf<Name>;
  const endpoints = settings['container-runtime-endpoint'].values;
  return Object.freeze({
    endpoints,
    socketPaths: endpoints.map(parseEndpoint).flatMap((one) => (one.kind === 'path' ? [one.path] : [])),
    dockerSocket: valueOf('docker-endpoint').slice('unix://'.length),
    rootDirectory: valueOf('root-directory'),
    criDockerdRootDirectory: valueOf('cri-dockerd-root-directory'),
    pauseImage: valueOf('pod-infra-container-image'),
    networkPlugin: wordOf('network-plugin'),
    cniConfDir: valueOf('cni-conf-dir'),
    cniBinDirs: valueOf('cni-bin-dir').split(','),
    cniCacheDir: valueOf('cni-cache-dir'),
    pullProgressDeadlineMs: parseDuration(valueOf('image-pull-progress-deadline')),
    containerLogs: wordOf('container-logs'),
    containerLogSpoolBytes: parseSize(valueOf('container-log-spool-size')),
    streamingAddress: parseAddress(valueOf('streaming-bind-addr')),
    streamingIdleTimeoutMs: parseDuration(valueOf('streaming-idle-timeout')),
    shutdownGraceMs: parseDuration(valueOf('shutdown-grace')),
    metricsAddress: optional(valueOf('metrics-bind-addr'), parseAddress),
    tracingEndpoint: optional(valueOf('tracing-endpoint'), String),
    tracingRatePerMillion: Number(valueOf('tracing-rate-per-million')),
    logLevel: wordOf('log-level'),
    logFormat: wordOf('log-format'),
  });
}

/** An empty value turns off what it is for. */
function optional<T>(value: string, parse: (value: string) => T): T | undefined {
  return value === '' ? undefined : parse(value);
}
