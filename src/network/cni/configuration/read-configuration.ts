import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { messageOf } from '../../../lib/errors';
import { findPlugin } from '../plugins/find-plugin';
import { parseNetworkList, parseSinglePlugin, type NetworkConfig } from './network-config';

/** What the directory of configurations says. */
export interface Configuration {
  /** The pod network: the first valid one by file name. */
  readonly network: NetworkConfig | undefined;
  /** The file that it is from. */
  readonly file: string | undefined;
  /** What was passed over before it: the file, or the directory itself, and why. */
  readonly problems: readonly { readonly file: string; readonly why: string }[];
}

/** Nothing longer is read as a configuration, in bytes. */
const MAX_FILE = 1024 * 1024;

/** Reads the directory; runs no plugin, only looks whether each is there. Never fails: what is wrong is a problem. */
export async function readConfiguration(confDir: string, binDirs: readonly string[]): Promise<Configuration> {
  const problems: { file: string; why: string }[] = [];
  let names: string[];
  try {
    names = await configurationFiles(confDir);
  } catch (error) {
    return { network: undefined, file: undefined, problems: [{ file: confDir, why: messageOf(error) }] };
  }
  for (const name of names) {
    const file = join(confDir, name);
    try {
      const network = await readNetwork(file);
      for (const plugin of network.plugins) await findPlugin(plugin.type, binDirs);
      return { network, file, problems };
    } catch (error) {
      problems.push({ file, why: messageOf(error) });
    }
  }
  return { network: undefined, file: undefined, problems };
}

/** In the order of their names, byte by byte, as Go sorts them. A directory that is not there has none. */
async function configurationFiles(confDir: string): Promise<string[]> {
  try {
    const entries = await readdir(confDir, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    return files
      .filter((name) => ['.conf', '.conflist', '.json'].includes(extname(name)))
      .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readNetwork(file: string): Promise<NetworkConfig> {
  const text = await readFile(file, 'utf8');
  if (text.length > MAX_FILE) throw new Error(`it is longer than ${MAX_FILE} bytes`);
  return file.endsWith('.conflist') ? parseNetworkList(text) : parseSinglePlugin(text);
}
