import { goFlags } from '../../../src/lib/go-flags';

it.each<[string[], [string, string][]]>([
  [
    ['--a=1', '--b', '2', '-c=3'],
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [['--a=1', '--a=2'], [['a', '2']]],
  [
    ['--a=', '--b', ''],
    [
      ['a', ''],
      ['b', ''],
    ],
  ],
  [['ARGS=--a=x=y', 'word'], [['a', 'x=y']]],
  [['--last'], [['last', '']]],
])('reads %j', (words, flags) => {
  expect([...goFlags(words)]).toEqual(flags);
});
