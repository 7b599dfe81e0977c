import type { Flag } from '../../config/flag';
import { COMMANDS, type Command } from '../commands';
import { offerFor } from './words';

const commands: readonly Command[] = COMMANDS;

/** The script of `dockershim completion bash`. It needs no bash-completion package. */
export function bashCompletion(): string {
  const names = commands.map(({ name }) => name);
  const serve = commands[0]?.flags ?? [];
  return `# bash completion of dockershim
_dockershim() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=
  # bash takes --flag=value for three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  COMPREPLY=()
  case $prev in
${[...valued().values()].map(valueCase).join('')}  esac
  if ((COMP_CWORD == 1)); then
    words='${[...names, '--help', '--version'].join(' ')}'
    [[ $cur == --?* ]] && words+=' ${serve.map(({ flag }) => `--${flag}`).join(' ')}'
  else
    case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('')}    -*) words='${[...serve.map(({ flag }) => `--${flag}`), '--help'].join(' ')}' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _dockershim dockershim
`;
}

/** The flags with a value, by name: one that several commands have means the same in each. */
function valued(): Map<string, Flag> {
  const flags = commands.flatMap((command) => command.flags).filter(({ value }) => value !== undefined);
  return new Map(flags.map((flag) => [flag.flag, flag]));
}

function valueCase(flag: Flag): string {
  return `  --${flag.flag}) ${reply(flag)}return ;;\n`;
}

function reply(flag: Flag): string {
  const offer = offerFor(flag);
  if (offer === 'nothing') return '';
  if (offer === 'files') return 'COMPREPLY=($(compgen -f -- "$cur")); ';
  if (offer === 'directories') return 'COMPREPLY=($(compgen -d -- "$cur")); ';
  return `COMPREPLY=($(compgen -W '${offer.words.join(' ')}' -- "$cur")); `;
}

function commandCase({ name, flags, words = [] }: Command): string {
  const taken = name === 'help' ? commands.map((command) => command.name) : words;
  return `    ${name}) words='${[...taken, ...flags.map(({ flag }) => `--${flag}`), '--help'].join(' ')}' ;;\n`;
}
