import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runningProgram } from '../host/running-program';
import { goFlags } from '../lib/go-flags';

/** What the kubelet of this node is told, as far as its runtime is concerned. */
export interface KubeletSettings {
  /** Whether it runs. The flags of one that does not are those in files alone: its unit may have more. */
  readonly running: boolean;
  /** Whether all that it is told was found: it runs, and every file was read that its flags name. */
  readonly complete: boolean;
  /** Where it was read: files, and the command line of a running kubelet. */
  readonly sources: readonly string[];
  readonly cgroupDriver: string | undefined;
  readonly runtimeEndpoint: string | undefined;
  /** The flag's value: `docker` for the in-tree dockershim, `remote`; up to 1.23 a kubelet without it means `docker`. */
  readonly runtime: string | undefined;
  /** Every flag that was found, with its value. */
  readonly flags: ReadonlyMap<string, string>;
  /** The last of the files of flags that has the endpoint's. */
  readonly endpointFlagFile: string | undefined;
  /** The file of its configuration that has the endpoint in effect, or else where that goes, when it is there. */
  readonly endpointFile: string | undefined;
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

/**
 * Never fails: what can't be read is not known. Flags go before files, and those of a running kubelet before others; of the
 * files, those of --config-dir before that of --config, and the last of them before the others.
 */
export async function readKubeletSettings(places: KubeletPlaces): Promise<KubeletSettings> {
  const running = await runningProgram('kubelet', places.proc);
  const flags = new Map<string, string>();
  const sources: string[] = [];
  let endpointFlagFile: string | undefined;
  for (const file of places.flagFiles) {
    const text = await textOf(file);
    if (text === undefined) continue;
    sources.push(file);
    const ofFile = goFlags(text.split(/[\s"']+/));
    for (const [name, value] of ofFile) flags.set(name, value);
    if (ofFile.has('container-runtime-endpoint')) endpointFlagFile = file;
  }
  if (running !== undefined) sources.push(`the kubelet that runs (process ${running.pid})`);
  for (const [name, value] of goFlags(running?.args ?? [])) flags.set(name, value);

  const named = flags.get('config');
  const main = await configurationIn(named ?? places.configFile);
  const directory = flags.get('config-dir');
  const dropIns = directory === undefined ? [] : await dropInsOf(directory);
  const files = [main, ...(dropIns ?? [])].filter((file) => file !== undefined);
  const allRead = (named === undefined || main !== undefined) && dropIns?.every((file) => file !== undefined) === true;
  sources.push(...files.map(({ path }) => path));
  const cgroupDriver = lastWith('cgroupDriver', files);
  const endpoint = lastWith('containerRuntimeEndpoint', files);
  return {
    running: running !== undefined,
    complete: running !== undefined && allRead,
    sources,
    cgroupDriver: flags.get('cgroup-driver') ?? cgroupDriver?.value,
    runtimeEndpoint: flags.get('container-runtime-endpoint') ?? endpoint?.value,
    runtime: flags.get('container-runtime'),
    flags,
    endpointFlagFile,
    endpointFile: endpoint?.path ?? files[0]?.path,
  };
}

interface ConfigFile {
  readonly path: string;
  readonly content: unknown;
}

/** In the kubelet's order, by name, each nothing when it can't be read; nothing at all when the directory can't. */
async function dropInsOf(directory: string): Promise<(ConfigFile | undefined)[] | undefined> {
  const names = await readdir(directory).catch(() => undefined);
  const files = names?.filter((name) => name.endsWith('.conf')).sort();
  return files && (await Promise.all(files.map((name) => configurationIn(join(directory, name)))));
}

async function configurationIn(path: string): Promise<ConfigFile | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  try {
    return { path, content: parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function lastWith(key: string, files: readonly ConfigFile[]): { path: string; value: string } | undefined {
  const found = files.flatMap(({ path, content }) => {
    const value = textAt(content, key);
    return value === undefined ? [] : [{ path, value }];
  });
  return found.at(-1);
}

function textAt(config: unknown, key: string): string | undefined {
  const value = typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
