import type { Flag } from '../../config/flag';
import { OPTIONS, type Option } from '../../config/options';
import { quoted } from '../../lib/shell-word';
import { COMMANDS, type Command } from '../commands';
import { inShort, offerFor } from './words';

const commands: readonly Command[] = COMMANDS;

/** The script of `dockershim completion zsh`. */
export function zshCompletion(): string {
  return `#compdef dockershim
# zsh completion of dockershim
_dockershim() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('')}  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=serve
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $command in
${commands.map(commandCase).join('')}  esac
}
if [[ $funcstack[1] == _dockershim ]]; then _dockershim "$@"; else compdef _dockershim dockershim; fi
`;
}

function commandCase({ name, flags, words = [] }: Command): string {
  const taken = name === 'help' ? commands.map((command) => command.name) : words;
  const positional = taken.length > 0 ? [quoted(`1:word:(${taken.join(' ')})`)] : [];
  const specs = [...positional, ...flags.map(specOf), quoted('--help[print the help]')];
  return `  ${name})\n    _arguments -S \\\n${specs.map((spec) => `      ${spec}`).join(' \\\n')}\n    ;;\n`;
}

function specOf(flag: Flag): string {
  const option: Option | undefined = OPTIONS.find((one) => one === flag);
  const name = `${option?.repeatable ? '*' : ''}--${flag.flag}`;
  const told = `[${inShort(flag).replace(/[[\]\\]/g, '\\$&')}]`;
  return quoted(flag.value === undefined ? `${name}${told}` : `${name}=${told}:${flag.value}:${action(flag)}`);
}

function action(flag: Flag): string {
  const offer = offerFor(flag);
  if (offer === 'nothing') return ' ';
  if (offer === 'files') return '_files';
  return offer === 'directories' ? '_files -/' : `(${offer.words.join(' ')})`;
}
