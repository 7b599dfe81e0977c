import { COMMANDS, type Command } from '../../../src/cli/commands';
import { commandHelp, meaningOf, usage } from '../../../src/cli/help';
import { OPTIONS } from '../../../src/config/options';

const commands: readonly Command[] = COMMANDS;
const WIDTHS = [60, 80, 100];
const texts = (width: number) => [usage(width), ...commands.map((command) => commandHelp(command, width))];
/** Without the breaks between the words. */
const flowing = (text: string) => text.replace(/\s+/g, ' ');

it('the usage tells of every command', () => {
  for (const { name, summary } of commands) expect(usage(100)).toContain(`${name.padEnd(10)}  ${summary}`);
});

it.each(commands.map((command) => [command.name, command] as const))('the help of %s tells all of it', (_, command) => {
  const help = commandHelp(command, 100);
  for (const paragraph of command.description) expect(flowing(help)).toContain(paragraph);
  for (const flag of command.flags) {
    expect(help).toContain(`  --${[flag.flag, flag.value].filter(Boolean).join(' ')}`);
    expect(flowing(help)).toContain(meaningOf(flag));
  }
  expect(flowing(help)).toContain(`Exit status: ${command.exitStatus}.`);
});

it('the help of serve has every option, with its default, in the order of the table', () => {
  const help = commandHelp(COMMANDS[0], 100);
  const places = OPTIONS.map(({ flag, value }) => help.indexOf(`\n  --${flag} ${value}`));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((one, other) => one - other));
  for (const option of OPTIONS.filter((one) => one.default !== '')) {
    expect(flowing(help)).toContain(`${option.meaning} (default ${option.default})`);
  }
});

it.each(WIDTHS)('fits a terminal of %d columns', (width) => {
  const wide = texts(width).flatMap((text) => text.split('\n').filter((line) => line.length > width));
  // A flag and its value are never torn apart.
  expect(wide.filter((line) => !/^ {2}(--|dockershim )/.test(line))).toEqual([]);
});

it('has no blank at the end of a line, and ends with one line break', () => {
  for (const text of texts(80)) {
    expect(text).not.toMatch(/[ \t]\n/);
    expect(text).toMatch(/[^\n]\n$/);
  }
});
