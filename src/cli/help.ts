import { OPTIONS, type Option } from '../config/options';

const WIDTH = 100;

export const USAGE = `dockershim runs Kubernetes pods on a Docker Engine: a Container Runtime Interface (CRI) daemon.

Usage:
  dockershim serve [options]   serve CRI until SIGTERM or SIGINT
  dockershim --version         print the version
  dockershim --help            this text; dockershim serve --help lists the options
`;

/** The text of `dockershim serve --help`, made from the table of options. */
export function serveHelp(): string {
  return `Serves CRI for a kubelet or crictl, on a Docker Engine.

Usage:
  dockershim serve [options]

Options:
${OPTIONS.map(describe).join('\n')}

SIGTERM and SIGINT end it; the pods go on running. Exit status: 0 after a signal, 1 when it can't serve, 2 on bad options.
`;
}

function describe(option: Option): string {
  const aliases = (option.aliases ?? []).map((alias) => `--${alias}`).join(', ');
  const also = aliases === '' ? '' : ` (also ${aliases})`;
  return `  --${option.flag} ${option.value}${also}\n${wrap(`${option.meaning} (default ${option.default})`, 6)}`;
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
