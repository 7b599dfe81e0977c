import type { Output } from '../../../../src/cli/output';
import { painter, Screen } from '../../../../src/cli/pods/screen';

function output(fields: Partial<Output> = {}): { written: string[]; output: Output } {
  const written: string[] = [];
  return { written, output: { ...fields, write: (text) => written.push(text) } };
}

it.each<[string, Partial<Output>, NodeJS.ProcessEnv, boolean]>([
  ['on a terminal', { isTTY: true }, {}, true],
  ['with NO_COLOR empty', { isTTY: true }, { NO_COLOR: '' }, true],
  ['with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ['in a pipe', {}, {}, false],
])('%s', (_where, fields, env, colours) => {
  const paint = painter(output(fields).output, env);
  expect(paint('bad', 'x')).toBe(colours ? '\x1b[31mx\x1b[0m' : 'x');
  expect(paint('plain', 'x')).toBe('x');
  expect(paint('bad', '')).toBe('');
});

it('shows in place on a terminal, tells of what does not fit, and leaves no trace', () => {
  const { written, output: terminal } = output({ isTTY: true, rows: 3 });
  const screen = new Screen(terminal);
  screen.open();
  screen.show(['a', 'b', 'c']);
  screen.show(['a', 'b', 'c', 'd']);
  screen.close();
  expect(written).toEqual([
    '\x1b[?1049h\x1b[?25l',
    '\x1b[Ha\x1b[K\r\nb\x1b[K\r\nc\x1b[K\x1b[J',
    '\x1b[Ha\x1b[K\r\nb\x1b[K\r\n… 2 more lines\x1b[K\x1b[J',
    '\x1b[?25h\x1b[?1049l',
  ]);
});

it('writes one text after the other elsewhere', () => {
  const { written, output: pipe } = output();
  const screen = new Screen(pipe);
  screen.open();
  screen.show(['a', 'b']);
  screen.close();
  expect(written).toEqual(['a\nb\n\n']);
});
