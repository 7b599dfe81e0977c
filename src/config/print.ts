import type { OptionName } from './options';
import { optionOf, type Setting, type Settings } from './settings';

/** The settings in effect as a configuration file, each with a comment that says where it comes from. */
export function printSettings(settings: Settings): string {
  const lines = Object.entries(settings).map(([name, setting]) => [`${name}: ${written(name, setting)}`, setting.from]);
  const width = Math.max(...lines.map(([line = '']) => line.length));
  return lines.map(([line = '', from = '']) => `${line.padEnd(width)}  # ${from}\n`).join('');
}

function written(name: string, { values }: Setting): string {
  const [value = ''] = values;
  if (optionOf(name as OptionName).repeatable && values.length > 1) return `[${values.map(quoted).join(', ')}]`;
  return /^[\w/][\w./,@:-]*$/.test(value) && !value.endsWith(':') ? value : quoted(value);
}

function quoted(value: string): string {
  return JSON.stringify(value);
}
