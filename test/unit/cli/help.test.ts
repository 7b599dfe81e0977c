import { serveHelp, USAGE } from '../../../src/cli/help';
import { OPTIONS, type Option } from '../../../src/config/options';

const options: readonly Option[] = OPTIONS;
const help = serveHelp();
/** Without the breaks between the words. */
const flowing = help.replace(/\s+/g, ' ');

it.each(options.map((option) => [option.flag, option] as const))('tells of --%s', (flag, option) => {
  expect(help).toContain(`  --${flag} ${option.value}`);
  expect(flowing).toContain(`${option.meaning.replace(/\s+/g, ' ')} (default ${option.default})`);
  for (const alias of option.aliases ?? []) expect(help).toContain(`--${alias}`);
});

it('keeps the order of the table', () => {
  const places = options.map(({ flag, value }) => help.indexOf(`  --${flag} ${value}`));
  expect(places).toEqual([...places].sort((one, other) => one - other));
});

it('fits a terminal', () => {
  const wide = help.split('\n').filter((line) => line.startsWith(' ') && line.length > 100);
  expect(wide).toEqual([]);
});

it('has no blank at the end of a line, and ends with one line break', () => {
  expect(help).not.toMatch(/[ \t]\n/);
  expect(help).toMatch(/[^\n]\n$/);
});

it('the usage leads to it', () => {
  expect(USAGE).toContain('dockershim serve --help');
});
