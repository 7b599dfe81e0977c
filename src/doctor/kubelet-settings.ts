import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runningProgram } from '../host/running-program';
import { goFlags } from '../lib/go-flags';

/** What the kubelet of this node is told, as far as its runtime is concerned. */
export interface KubeletSettings {
  /** Where it was read: files, and the command line of a running kubelet. */
  readonly sources: readonly string[];
  readonly cgroupDriver: string | undefined;
  readonly runtimeEndpoint: string | undefined;
  /** The flag's value: `docker` for the in-tree dockershim, `remote`; up to 1.23 a kubelet without it means `docker`. */
  readonly runtime: string | undefined;
  /** Every flag that was found, with its value. */
  readonly flags: ReadonlyMap<string, string>;
  /** The file with its configuration, when it is there. */
  readonly configFile: string | undefined;
}

/** Where kubeadm and the distributions put the kubelet's configuration. */
export interface KubeletPlaces {
  /** KubeletConfiguration, YAML. */
  readonly configFile: string;
  /** Files with flags, as kubeadm and systemd's environment have them. */
  readonly flagFiles: readonly string[];
  /** The process file system. */
  readonly proc: string;
}

/** What kubeadm starts the kubelet with. */
export const KUBEADM_FLAGS_FILE = '/var/lib/kubelet/kubeadm-flags.env';

export const KUBELET_PLACES: KubeletPlaces = {
  configFile: '/var/lib/kubelet/config.yaml',
  flagFiles: [KUBEADM_FLAGS_FILE, '/etc/default/kubelet', '/etc/sysconfig/kubelet'],
  proc: '/proc',
};

/** Never fails: what can't be read is not known. Flags go before the file, and those of a running kubelet before others. */
export async function readKubeletSettings(places: KubeletPlaces): Promise<KubeletSettings> {
  const running = await runningProgram('kubelet', places.proc);
  const flags = new Map<string, string>();
  const sources: string[] = [];
  for (const file of places.flagFiles) {
    const text = await textOf(file);
    if (text === undefined) continue;
    sources.push(file);
    for (const [name, value] of goFlags(text.split(/[\s"']+/))) flags.set(name, value);
  }
  if (running !== undefined) sources.push(`the kubelet that runs (process ${running.pid})`);
  for (const [name, value] of goFlags(running?.args ?? [])) flags.set(name, value);

  const configFile = flags.get('config') ?? places.configFile;
  const config = await configurationIn(configFile);
  if (config !== undefined) sources.push(configFile);
  return {
    sources,
    cgroupDriver: flags.get('cgroup-driver') ?? textAt(config, 'cgroupDriver'),
    runtimeEndpoint: flags.get('container-runtime-endpoint') ?? textAt(config, 'containerRuntimeEndpoint'),
    runtime: flags.get('container-runtime'),
    flags,
    configFile: config === undefined ? undefined : configFile,
  };
}

async function configurationIn(file: string): Promise<unknown> {
  const text = await textOf(file);
  if (text === undefined) return undefined;
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function textAt(config: unknown, key: string): string | undefined {
  const value = typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
