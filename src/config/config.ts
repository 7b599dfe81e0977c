import type { LogFormat, LogLevel } from '../telemetry/log';
import { parseAddress, type Address } from './address';
import { parseDuration } from './duration';
import type { OptionName } from './options';
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
  readonly networkPlugin: 'bridge' | 'cni';
  readonly cniConfDir: string;
  readonly cniBinDirs: readonly string[];
  readonly cniCacheDir: string;
  readonly pullProgressDeadlineMs: number;
  readonly containerLogs: 'cri' | 'link';
  readonly containerLogSpoolBytes: number;
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

/** What the settings mean to the rooms that they are for. */
export function configOf(settings: Settings): Config {
  const valueOf = (name: OptionName): string => settings[name].values.at(-1) ?? '';
  const endpoints = settings['container-runtime-endpoint'].values;
  return Object.freeze({
    endpoints,
    socketPaths: endpoints.filter((one) => !one.startsWith('fd://')).map((one) => one.replace(/^unix:\/\//, '')),
    dockerSocket: valueOf('docker-endpoint').slice('unix://'.length),
    rootDirectory: valueOf('root-directory'),
    criDockerdRootDirectory: valueOf('cri-dockerd-root-directory'),
    pauseImage: valueOf('pod-infra-container-image'),
    networkPlugin: valueOf('network-plugin') as Config['networkPlugin'],
    cniConfDir: valueOf('cni-conf-dir'),
    cniBinDirs: valueOf('cni-bin-dir').split(','),
    cniCacheDir: valueOf('cni-cache-dir'),
    pullProgressDeadlineMs: parseDuration(valueOf('image-pull-progress-deadline')),
    containerLogs: valueOf('container-logs') as Config['containerLogs'],
    containerLogSpoolBytes: parseSize(valueOf('container-log-spool-size')),
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
