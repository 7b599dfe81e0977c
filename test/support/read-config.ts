import { parseArguments, refuseWords } from '../../src/config/arguments';
import { configOf, type Config } from '../../src/config/config';
import { givenValues } from '../../src/config/load';
import { OPTIONS } from '../../src/config/options';
import { settle } from '../../src/config/settings';

/** The configuration that flags of `serve` make, whatever file this machine has. */
export function readConfig(flags: readonly string[]): Config {
  const args = parseArguments(flags, OPTIONS, 'serve');
  refuseWords(args, 'serve');
  return configOf(settle(givenValues(args)));
}
