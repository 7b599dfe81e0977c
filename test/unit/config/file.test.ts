import { parseConfigFile, readConfigFile } from '../../../src/config/file';
import { refusal } from '../../support/refusal';

const PATH = '/etc/x.yaml';

it('reads options with their lines', () => {
  const text = `# a comment
log-level: debug

shutdown-grace: "30s" # another
container-runtime-endpoint:
  - unix:///run/a.sock
  - fd://
cni-bin-dir: [/a, /b]
root-directory: ''
`;
  expect(parseConfigFile(text, PATH)).toEqual([
    { option: 'log-level', value: 'debug', from: `${PATH}:2` },
    { option: 'shutdown-grace', value: '30s', from: `${PATH}:4` },
    { option: 'container-runtime-endpoint', value: 'unix:///run/a.sock', from: `${PATH}:5` },
    { option: 'container-runtime-endpoint', value: 'fd://', from: `${PATH}:5` },
    { option: 'cni-bin-dir', value: '/a,/b', from: `${PATH}:8` },
    { option: 'root-directory', value: '', from: `${PATH}:9` },
  ]);
});

it.each(['', '\n', '# only a comment\n', '---\n'])('%j says nothing', (text) => {
  expect(parseConfigFile(text, PATH)).toEqual([]);
});

it.each(['5', 'true', 'null', '1m0s', '0x10', '~'])('%s is text', (value) => {
  expect(parseConfigFile(`log-level: ${value}`, PATH)).toMatchObject([{ value }]);
});

it.each([
  ['an unknown option', 'log-level: info\nlog-lovel: info', `${PATH}:2: there is no option "log-lovel"`],
  ["the kubelet's spelling", 'logLevel: info', `${PATH}:1: there is no option "logLevel"; log-level is meant`],
  ['underscores', 'log_level: info', `${PATH}:1: there is no option "log_level"; log-level is meant`],
  ['a name that is no text', '? [a]\n: b', `${PATH}:1: there is no option ""`],
  ['no value', 'log-format: text\nlog-level:\n', `${PATH}:2: log-level takes one value, LEVEL`],
  ['a list for one value', 'log-level: [debug]', `${PATH}:1: log-level takes one value, LEVEL`],
  ['a map', 'log-level:\n  a: b', `${PATH}:1: log-level takes one value, LEVEL`],
  ['an empty list', 'cni-bin-dir: []', `${PATH}:1: cni-bin-dir takes DIRS, or a list of several`],
  ['a list in a list', 'cni-bin-dir: [[/a]]', `${PATH}:1: cni-bin-dir takes DIRS, or a list of several`],
  ['an alias', 'log-format: &a text\nlog-level: *a', `${PATH}:2: log-level takes one value, LEVEL`],
  ['a text instead of options', 'hello', `${PATH}:1: not \`option: value\` lines`],
  ['a list instead of options', '\n- log-level', `${PATH}:2: not \`option: value\` lines`],
  ['an option twice', 'log-level: info\nlog-level: debug', `${PATH}:2: Map keys must be unique`],
  ['two documents', 'log-level: info\n---\nlog-level: debug', /^InvalidArgument: .*x\.yaml:2: .*multiple documents/],
  ['what is no YAML', 'log-level: "info\n', /^InvalidArgument: .*x\.yaml:\d: .*quote/],
  ['a tab for blanks', 'container-runtime-endpoint:\n\t- fd://', /^InvalidArgument: .*x\.yaml:2: /],
])('%s is refused', (_what, text, why) => {
  const sentence = refusal(() => parseConfigFile(text, PATH));
  if (typeof why === 'string') expect(sentence).toBe(`InvalidArgument: ${why}`);
  else expect(sentence).toMatch(why);
});

it('names every fault', () => {
  expect(refusal(() => parseConfigFile('a: 1\nlog-level: [x]\nb: 2', PATH))).toBe(
    `InvalidArgument: ${PATH}:1: there is no option "a"; ${PATH}:2: log-level takes one value, LEVEL; ` +
      `${PATH}:3: there is no option "b"`,
  );
});

it('says which file it cannot read', async () => {
  await expect(readConfigFile('/nowhere/x.yaml')).rejects.toMatchObject({
    kind: 'InvalidArgument',
    message: expect.stringMatching(/can't be read: .*ENOENT.*x\.yaml/),
  });
});
