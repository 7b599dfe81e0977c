import fc from 'fast-check';
import { wrap } from '../../../src/cli/wrap';

it.each([
  ['one two three', 7, 0, 0, 'one two\nthree'],
  ['one two three', 9, 2, 4, '  one two\n    three'],
  ['a  b c', 4, 0, 2, 'a  b\n  c'],
  ['unbreakable word', 4, 0, 0, 'unbreakable\nword'],
  ['', 10, 2, 2, '  '],
])('%j in %d columns', (text, width, indent, hanging, lines) => {
  expect(wrap(text, width, indent, hanging)).toBe(lines);
});

it('keeps every word, and breaks no line too late or too early', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 40 }), (list, width) => {
      const lines = wrap(list.join(' '), width).split('\n');
      expect(lines.join(' ')).toBe(list.join(' '));
      lines.forEach((line, index) => {
        expect(line.length <= width || !line.includes(' ')).toBe(true);
        const next = lines[index + 1]?.split(' ')[0];
        if (next !== undefined) expect(line.length + 1 + next.length).toBeGreaterThan(width);
      });
    }),
  );
});
