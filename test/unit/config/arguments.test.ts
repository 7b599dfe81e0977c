import { isOn, parseArguments } from '../../../src/config/arguments';
import type { Flag } from '../../../src/config/flag';
import { refusal } from '../../support/refusal';

const FLAGS: readonly Flag[] = [
  { flag: 'name', value: 'TEXT', meaning: '' },
  { flag: 'fast', meaning: '' },
];

const parse = (...args: string[]) => parseArguments(args, FLAGS, 'fly');

it('reads flags in both forms, in order, and words', () => {
  expect(parse('--name', 'a', 'word', '--name=b', '--name=', '--fast')).toEqual({
    flags: [
      { flag: 'name', value: 'a' },
      { flag: 'name', value: 'b' },
      { flag: 'name', value: '' },
      { flag: 'fast', value: 'true' },
    ],
    words: ['word'],
  });
});

it.each<[string[], boolean]>([
  [[], false],
  [['--fast'], true],
  [['--fast=true'], true],
  [['--fast=false'], false],
  [['--fast', '--fast=false'], false],
])('%j: the switch is %s', (args, on) => {
  expect(isOn(parse(...args), 'fast')).toBe(on);
});

it('takes a value that begins with dashes behind =', () => {
  expect(parse('--name=--x').flags).toEqual([{ flag: 'name', value: '--x' }]);
});

it.each([
  [['--nome=x'], 'there is no option --nome'],
  [['-n', 'x'], 'there is no option -n'],
  [['--no-fast'], 'there is no option --no-fast'],
  [['--constructor'], 'there is no option --constructor'],
  [['--name'], '--name lacks its value, TEXT'],
  [['--name', '--fast'], '--name lacks its value, TEXT'],
  [['--fast=maybe'], '--fast is a switch: it takes true or false, not "maybe"'],
])('%j is refused', (args, why) => {
  expect(refusal(() => parse(...args))).toBe(`InvalidArgument: ${why} (dockershim fly --help lists the options)`);
});
