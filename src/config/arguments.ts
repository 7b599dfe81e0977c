import { parseArgs } from 'node:util';
import { ShimError } from '../lib/errors';
import type { Flag } from './flag';

/** One flag of a command line. */
export interface GivenFlag {
  readonly flag: string;
  /** `true` or `false` for a switch. */
  readonly value: string;
}

/** What a command was given, in order. */
export interface Arguments {
  readonly flags: readonly GivenFlag[];
  readonly words: readonly string[];
}

/**
 * Reads a command line as cri-dockerd reads its own: `--name VALUE`, `--name=VALUE`, `--switch` and `--switch=false`.
 * @param command for the sentence that says where the flags are listed
 * @throws ShimError InvalidArgument naming the flag that is unknown or lacks its value.
 */
export function parseArguments(args: readonly string[], known: readonly Flag[], command: string): Arguments {
  const byName = new Map(known.map((flag) => [flag.flag, flag]));
  const options = Object.fromEntries(known.map((flag) => [flag.flag, { type: typeOf(flag) } as const]));
  // Not strict: its own messages don't say what to do, and it refuses --switch=true.
  const { tokens, positionals } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const flags = tokens.flatMap((token) => {
    if (token.kind !== 'option') return [];
    const flag = token.rawName.startsWith('--') ? byName.get(token.name) : undefined;
    if (flag === undefined) throw refused(`there is no option ${token.rawName}`, command);
    const value = token.value ?? (flag.value === undefined ? 'true' : undefined);
    // With `=`, a value may begin as it likes.
    if (value === undefined || (!token.inlineValue && value.startsWith('--'))) {
      throw refused(`${token.rawName} lacks its value, ${flag.value ?? ''}`, command);
    }
    if (flag.value === undefined && value !== 'true' && value !== 'false') {
      throw refused(`${token.rawName} is a switch: it takes true or false, not ${JSON.stringify(value)}`, command);
    }
    return [{ flag: flag.flag, value }];
  });
  return { flags, words: positionals };
}

/** Whether a switch is on: the last time that it was given counts. */
export function isOn({ flags }: Arguments, flag: string): boolean {
  return flags.findLast((given) => given.flag === flag)?.value === 'true';
}

/** @throws ShimError InvalidArgument when there is a word beside the flags. */
export function refuseWords({ words }: Arguments, command: string): void {
  if (words.length > 0) throw refused(`${JSON.stringify(words[0])} is no option`, command);
}

function typeOf(flag: Flag): 'string' | 'boolean' {
  return flag.value === undefined ? 'boolean' : 'string';
}

function refused(what: string, command: string): ShimError {
  return new ShimError('InvalidArgument', `${what} (dockershim ${command} --help lists the options)`);
}
