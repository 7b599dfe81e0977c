import { execFileSync } from 'node:child_process';

/**
 * A zsh that somebody types into: only such a one completes. It has a pseudo terminal, and a compadd that writes what it
 * is to add; it ends by itself after the first completion.
 */
const TYPIST = `
zmodload zsh/zpty
zpty z zsh -f -i
say() { zpty -w z "$1"; }
say 'PROMPT= PS2= ; stty -echo'
say 'autoload -Uz compinit && compinit -D -u'
say 'bindkey "^I" complete-word; zstyle ":completion:*" completer _complete'
say 'eval "$COMPLETION"'
say 'compadd() {
  [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] && { builtin compadd "$@"; return $?; }
  typeset -a offered; builtin compadd -A offered "$@"; print -rl -- "offer:"$^offered
  builtin compadd "$@"
}'
say 'finish() { print -r -- offers-end; exit; }; comppostfuncs=(finish)'
say 'print -r -- type"-"now'
zpty -r -m z line $'*type-now*' || exit 1
zpty -w -n z "$TYPED"$'\\t'
while zpty -r z line; do print -r -- "$line"; [[ $line == *offers-end* ]] && break; done
zpty -d z
`;

/** What zsh offers for the last of these words, with this completion script. */
export function zshOffers(completion: string, words: readonly string[]): string[] {
  const env = {
    ...process.env,
    COMPLETION: completion,
    TYPED: ['dockershim', ...words].join(' '),
    HOME: '/nonexistent',
    TERM: 'xterm',
  };
  const said = execFileSync('zsh', ['-f', '-c', TYPIST], { encoding: 'utf8', env, timeout: 20_000 });
  return [...said.matchAll(/offer:([^\r\n]+)/g)].map(([, word = '']) => word.trim());
}
