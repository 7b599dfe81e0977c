import type { Flag } from '../../config/flag';
import { quoted } from '../../lib/shell-word';
import { COMMANDS, type Command } from '../commands';
import { inShort, offerFor } from './words';

const commands: readonly Command[] = COMMANDS;
const names = commands.map(({ name }) => name).join(' ');

/** The script of `dockershim completion fish`. */
export function fishCompletion(): string {
  const none = quoted(`not __fish_seen_subcommand_from ${names}`);
  const lines = [
    '# fish completion of dockershim',
    'complete -c dockershim -f',
    ...commands.map(({ name, summary }) => `complete -c dockershim -n ${none} -a ${name} -d ${quoted(summary)}`),
    `complete -c dockershim -n ${none} -l version -d ${quoted('print the version')}`,
    `complete -c dockershim -l help -d ${quoted('print the help')}`,
    ...commands.flatMap(linesOf),
  ];
  return `${lines.join('\n')}\n`;
}

function linesOf({ name, flags, words = [] }: Command): string[] {
  const seen = `complete -c dockershim -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const taken = name === 'help' ? [names] : words;
  return [
    ...(taken.length > 0 ? [`${seen} -a ${quoted(taken.join(' '))}`] : []),
    ...flags.map((flag) => `${seen} -l ${flag.flag}${valueOf(flag)} -d ${quoted(inShort(flag))}`),
  ];
}

function valueOf(flag: Flag): string {
  if (flag.value === undefined) return '';
  const offer = offerFor(flag);
  if (offer === 'nothing') return ' -x';
  if (offer === 'files') return ' -r -F';
  return offer === 'directories' ? ` -x -a '(__fish_complete_directories)'` : ` -x -a ${quoted(offer.words.join(' '))}`;
}
