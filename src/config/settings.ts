import { ShimError } from '../lib/errors';
import { OPTIONS, type Option, type OptionName } from './options';

/** A value of an option, as the command line or the file gives it. */
export interface GivenValue {
  readonly option: OptionName;
  readonly value: string;
  /** Where: `--log-level`, or a file and its line, `/etc/dockershim/config.yaml:3`. */
  readonly from: string;
}

/** An option's values in effect, and where they come from: a flag, a line of the file, or `default`. */
export interface Setting {
  readonly values: readonly string[];
  readonly from: string;
}

/** Every option's. */
export type Settings = Readonly<Record<OptionName, Setting>>;

/**
 * Flags over the file over defaults.
 * @throws ShimError InvalidArgument naming every value that is wrong, and where it is.
 */
export function settle(flags: readonly GivenValue[], file: readonly GivenValue[] = []): Settings {
  const faults = [...file, ...flags].flatMap(faultOf);
  if (faults.length > 0) throw new ShimError('InvalidArgument', faults.join('; '));
  const settings = OPTIONS.map((option: Option): [string, Setting] => {
    const of = (values: readonly GivenValue[]) => values.filter((given) => given.option === option.flag);
    const given = of(flags).length > 0 ? of(flags) : of(file);
    return [option.flag, inEffect(option, given)];
  });
  return Object.fromEntries(settings) as Settings;
}

function inEffect(option: Option, given: readonly GivenValue[]): Setting {
  const last = given.at(-1);
  if (last === undefined) return { values: [option.default], from: 'default' };
  return { values: (option.repeatable ? given : [last]).map(({ value }) => meant(option, value)), from: last.from };
}

function faultOf({ option: name, value, from }: GivenValue): string[] {
  const option = optionOf(name);
  const fault = faultIn(option, meant(option, value));
  const where = from.startsWith('--') ? from : `${from}: ${name}`;
  return fault === undefined ? [] : [`${where} ${fault}, not ${JSON.stringify(value)}`];
}

function faultIn({ words, fault }: Option, value: string): string | undefined {
  if (words !== undefined && !words.includes(value)) return `must be ${words.join(' or ')}`;
  return fault?.(value);
}

function meant(option: Option, value: string): string {
  return option.synonyms?.[value] ?? value;
}

/** @throws Error when there is none: names are checked where they are read. */
export function optionOf(name: OptionName): Option {
  const option: Option | undefined = OPTIONS.find(({ flag }) => flag === name);
  if (option === undefined) throw new Error(`no option ${name}`);
  return option;
}
