import { execFileSync } from 'node:child_process';
import { shellWord } from '../../../src/lib/shell-word';

it.each(['nginx:1.25', '/run/docker.sock', 'a-b_c@d', 'user+x%y=z,w'])('leaves %j as it is', (word) => {
  expect(shellWord(word)).toBe(word);
});

it.each(['', 'a b', "it's", "''", 'a;b', '$(id)', '`id`', '$HOME', 'a"b', 'a\\b', '[::1]:5000/a', '*', '~', 'a\nb'])(
  'quotes %j so that a shell hands on just that',
  (word) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
  },
);
