import { CRI_DOCKERD_FLAGS } from '../config/cri-dockerd-flags';
import type { Flag } from '../config/flag';
import { OPTIONS, type Option } from '../config/options';
import { COMMANDS, type Command } from './commands';
import { wrap } from './wrap';

/** The text of `dockershim --help`. @param width of the terminal, in columns */
export function usage(width: number): string {
  const longest = Math.max(...COMMANDS.map(({ name }) => name.length));
  return `${wrap('dockershim runs Kubernetes pods on a Docker Engine: a Container Runtime Interface (CRI) daemon.', width)}

Usage:
  dockershim COMMAND [options]

Commands:
${COMMANDS.map(({ name, summary }) => wrap(`${name.padEnd(longest)}  ${summary}`, width, 2, longest + 4)).join('\n')}

${wrap('dockershim COMMAND --help says more of each. Options without a command are those of serve.', width)}
`;
}

/** The text of `dockershim COMMAND --help`, made from the tables of commands and options. */
export function commandHelp(command: Command, width: number): string {
  const { name, synopsis, description, flags, exitStatus } = command;
  const parts = [
    ...description.map((paragraph) => wrap(paragraph, width)),
    `Usage:\n  ${`dockershim ${name} ${synopsis}`.trimEnd()}`,
    ...(flags.length > 0 ? [`Options:\n${flags.map((flag) => describe(flag, width)).join('\n')}`] : []),
    ...(name === 'serve' ? [wrap(`Flags of cri-dockerd that change nothing: ${unused()}.`, width)] : []),
    wrap(`Exit status: ${exitStatus}.`, width),
  ];
  return `${parts.join('\n\n')}\n`;
}

function describe(flag: Flag, width: number): string {
  const head = `  ${[`--${flag.flag}`, flag.value].filter(Boolean).join(' ')}`;
  return `${head}\n${wrap(meaningOf(flag), width, 6)}`;
}

/** What a flag means, with its default. */
export function meaningOf(flag: Flag): string {
  const option: Option | undefined = OPTIONS.find((one) => one === flag);
  const none = option === undefined || option.default === '';
  return none ? flag.meaning : `${flag.meaning} (default ${option.default})`;
}

function unused(): string {
  return CRI_DOCKERD_FLAGS.map(({ flag }) => `--${flag}`).join(', ');
}
