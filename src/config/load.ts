import { existsSync } from 'node:fs';
import type { Arguments } from './arguments';
import { CRI_DOCKERD_FLAGS } from './cri-dockerd-flags';
import type { Flag } from './flag';
import { OPTIONS, type OptionName } from './options';
import { settle, type GivenValue, type Settings } from './settings';

/** Read when it is there and --config names no other. */
export const DEFAULT_CONFIG_FILE = '/etc/dockershim/config.yaml';

export const CONFIG_FLAG = {
  flag: 'config',
  value: 'FILE',
  meaning: `the configuration file, YAML with the options of serve as keys; flags go before it (default ${DEFAULT_CONFIG_FILE}, when it is there)`,
} as const satisfies Flag;

/** The settings in effect, and what was found on the way. */
export interface Loaded {
  readonly settings: Settings;
  /** The file that was read. */
  readonly file: string | undefined;
  /** A sentence for each flag that is accepted, and each line of the file, that changes nothing. */
  readonly warnings: readonly string[];
}

/**
 * Settles what the command line and the configuration file say. Reads the file anew each time.
 * @throws ShimError InvalidArgument naming, with its flag or line, what is wrong.
 */
export async function loadSettings(args: Arguments): Promise<Loaded> {
  const file = configFile(args);
  const inFile = file === undefined ? [] : await (await import('./file')).readConfigFile(file);
  const given = givenValues(args);
  return { settings: settle(given, inFile), file, warnings: [...unused(args), ...overridden(given, inFile)] };
}

/** The options among the flags. */
export function givenValues({ flags }: Arguments): GivenValue[] {
  const isOption = (flag: string): flag is OptionName => OPTIONS.some((option) => option.flag === flag);
  return flags.flatMap(({ flag, value }) => (isOption(flag) ? [{ option: flag, value, from: `--${flag}` }] : []));
}

function configFile({ flags }: Arguments): string | undefined {
  const named = flags.findLast(({ flag }) => flag === CONFIG_FLAG.flag)?.value;
  if (named !== undefined) return named;
  return existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined;
}

function unused({ flags }: Arguments): string[] {
  return CRI_DOCKERD_FLAGS.filter(({ flag }) => flags.some((given) => given.flag === flag)).map(
    ({ flag, meaning }) => `--${flag} changes nothing: ${meaning}`,
  );
}

/** A list is several values of one line, which is named once. */
function overridden(flags: readonly GivenValue[], inFile: readonly GivenValue[]): string[] {
  const lines = inFile.filter(({ option }) => flags.some((flag) => flag.option === option));
  return [...new Set(lines.map(({ option, from }) => `${from}: ${option} changes nothing: --${option} was given`))];
}
