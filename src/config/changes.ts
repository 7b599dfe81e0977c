import type { OptionName } from './options';
import { optionOf, type Settings } from './settings';

export interface Change {
  readonly option: OptionName;
  readonly from: string;
  readonly to: string;
}

/** What a configuration read anew changes. */
export interface Changes {
  /** Those that take effect at once. */
  readonly now: readonly Change[];
  /** Those that wait for a restart. */
  readonly later: readonly Change[];
  /** The settings in effect from now on: the old ones, with the changes of `now`. */
  readonly settings: Settings;
}

/** Compares the settings in effect with those that were read anew. */
export function changesBetween(old: Settings, read: Settings): Changes {
  const names = Object.keys(old) as OptionName[];
  const text = (settings: Settings, name: OptionName): string => settings[name].values.join(' ');
  const all = names
    .filter((name) => text(old, name) !== text(read, name))
    .map((option) => ({ option, from: text(old, option), to: text(read, option) }));
  const now = all.filter(({ option }) => optionOf(option).reloads);
  const settings = { ...old, ...Object.fromEntries(now.map(({ option }) => [option, read[option]])) };
  return { now, later: all.filter((change) => !now.includes(change)), settings };
}
