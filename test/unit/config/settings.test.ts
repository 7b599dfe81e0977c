import { OPTIONS } from '../../../src/config/options';
import { settle, type GivenValue } from '../../../src/config/settings';
import { refusal } from '../../support/refusal';

const flag = (option: GivenValue['option'], value: string): GivenValue => ({ option, value, from: `--${option}` });
const line = (option: GivenValue['option'], value: string, at = 1): GivenValue => ({
  option,
  value,
  from: `/x.yaml:${at}`,
});

it('is the defaults when nothing is given', () => {
  const settings = settle([]);
  for (const option of OPTIONS) {
    expect(settings[option.flag]).toEqual({ values: [option.default], from: 'default' });
  }
});

it('puts flags over the file, and the file over defaults', () => {
  const settings = settle([flag('log-level', 'debug')], [line('log-level', 'warn'), line('log-format', 'json', 2)]);
  expect(settings['log-level']).toEqual({ values: ['debug'], from: '--log-level' });
  expect(settings['log-format']).toEqual({ values: ['json'], from: '/x.yaml:2' });
  expect(settings['shutdown-grace'].from).toBe('default');
});

it('replaces the whole list of a repeatable option', () => {
  const endpoint = 'container-runtime-endpoint';
  const file = [line(endpoint, 'unix:///a'), line(endpoint, 'unix:///b')];
  expect(settle([], file)[endpoint].values).toEqual(['unix:///a', 'unix:///b']);
  expect(settle([flag(endpoint, 'fd://')], file)[endpoint].values).toEqual(['fd://']);
});

it.each([
  ['network-plugin', '', 'bridge'],
  ['network-plugin', 'no-op', 'bridge'],
  ['streaming-bind-addr', '', '127.0.0.1:0'],
  ['log-level', 'trace', 'debug'],
  ['log-level', 'warning', 'warn'],
  ['log-level', 'fatal', 'error'],
  ['log-level', 'panic', 'error'],
] as const)("understands cri-dockerd's --%s=%s", (option, value, meant) => {
  expect(settle([flag(option, value)])[option].values).toEqual([meant]);
});

it('names every value that is wrong, also one that is overridden', () => {
  const wrong = () =>
    settle([flag('log-level', 'info')], [line('log-level', 'loud', 3), line('root-directory', 'x', 4)]);
  expect(refusal(wrong)).toBe(
    'InvalidArgument: /x.yaml:3: log-level must be debug or info or warn or error, not "loud"; ' +
      '/x.yaml:4: root-directory must be an absolute path, not "x"',
  );
});
