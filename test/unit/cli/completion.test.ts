import { execFileSync, spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { completion } from '../../../src/cli/completion';
import { COMMANDS, SHELLS } from '../../../src/cli/commands';
import { LOG_LEVELS } from '../../../src/telemetry/log';
import { zshOffers } from '../../support/zsh-completions';

const present = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
const names = COMMANDS.map(({ name }) => name);
const serveFlags = COMMANDS[0].flags.map(({ flag }) => `--${flag}`);

/** What a shell offers for the last of these words. */
type Offers = (...words: string[]) => string[];

const bash: Offers = (...words) => {
  const script = `${completion('bash')}
COMP_WORDS=(dockershim "$@"); COMP_CWORD=$#; _dockershim; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(execFileSync('bash', ['--norc', '-c', script, 'bash', ...words], { encoding: 'utf8' }));
};

const fish: Offers = (...words) => {
  const script = `${completion('fish')}\ncomplete -C ${JSON.stringify(['dockershim', ...words].join(' '))}`;
  const env = { ...process.env, HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' };
  const offered = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', env, stdio: 'pipe' });
  return lines(offered).map((line) => line.split('\t')[0] ?? '');
};

const zsh: Offers = (...words) => zshOffers(completion('zsh'), words);

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

it('bash is on every machine that runs the tests', () => {
  expect(present('bash')).toBe(true);
});

const shells: [string, Offers][] = [
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
];

for (const [shell, offers] of shells) {
  (present(shell) ? describe : describe.skip)(shell, () => {
    it('offers the commands', () => {
      expect(offers('').filter((word) => !word.startsWith('-'))).toEqual(expect.arrayContaining(names));
      expect(offers('pod')).toEqual(['pods']);
    });

    it('offers the options of a command', () => {
      expect(offers('serve', '--')).toEqual(expect.arrayContaining(serveFlags));
      expect(offers('pods', '--w')).toEqual(['--watch']);
      expect(offers('pods', '--log')).toEqual([]);
    });

    it('offers the values of an option', () => {
      expect(offers('serve', '--log-level', '').sort()).toEqual([...LOG_LEVELS].sort());
      expect(offers('serve', '--log-level', 'de')).toEqual(['debug']);
      expect(offers('serve', '--container-logs', '').sort()).toEqual(['cri', 'link']);
      expect(offers('serve', '--shutdown-grace', '')).toEqual([]);
      expect(offers('serve', '--root-directory', '/us').map((path) => basename(path))).toContain('usr');
    });

    it('offers the words of a command', () => {
      expect(
        offers('completion', '')
          .filter((word) => !word.startsWith('-'))
          .sort(),
      ).toEqual([...SHELLS].sort());
      expect(offers('help', 'comp')).toEqual(['completion']);
    });
  });
}

describe('bash', () => {
  it('takes a flag and its value with = for three words', () => {
    expect(bash('serve', '--log-level', '=')).toEqual(LOG_LEVELS);
    expect(bash('serve', '--log-level', '=', 'w')).toEqual(['warn']);
  });

  it('offers the options of serve without a command, as cri-dockerd takes them', () => {
    expect(bash('--log')).toEqual(['--log-level', '--log-format']);
    expect(bash('--log-level', 'info', '--log-f')).toEqual(['--log-format']);
  });
});
