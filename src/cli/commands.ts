import type { Flag } from '../config/flag';
import { CONFIG_FLAG } from '../config/load';
import { OPTIONS } from '../config/options';

/** A command of the program: what the help, the man page and the shells' completions say of it. */
export interface Command {
  readonly name: string;
  /** What follows the name. */
  readonly synopsis: string;
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly flags: readonly Flag[];
  /** The words that it takes. */
  readonly words?: readonly string[];
  readonly exitStatus: string;
}

export const PRINT_CONFIG_FLAG = {
  flag: 'print-config',
  meaning: 'print the configuration in effect as a configuration file, with where each value comes from, and end',
} as const satisfies Flag;

export const WATCH_FLAG = {
  flag: 'watch',
  meaning: 'show the pods again every two seconds, until SIGINT; a shim that is away is waited for',
} as const satisfies Flag;

export const JSON_FLAG = {
  flag: 'json',
  meaning:
    'print JSON, with every container, those that a newer attempt has replaced too; with --watch one line each time',
} as const satisfies Flag;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const MIGRATE_WORDS = ['plan', 'check', 'rollback'] as const;
export const DESTINATIONS = ['dockershim', 'containerd'] as const;

export const TO_FLAG = {
  flag: 'to',
  value: 'RUNTIME',
  meaning: 'where plan leads: dockershim, or containerd (default dockershim)',
  words: DESTINATIONS,
} as const satisfies Flag;

/** The options that say where things are on the node. */
const NODE_OPTIONS = OPTIONS.filter(({ flag }) =>
  [
    'container-runtime-endpoint',
    'docker-endpoint',
    'root-directory',
    'pod-infra-container-image',
    'network-plugin',
    'cni-conf-dir',
    'cni-bin-dir',
  ].includes(flag),
);

/** Every command, in the order of the help. */
export const COMMANDS = [
  {
    name: 'serve',
    synopsis: '[options]',
    summary: 'serve CRI for a kubelet or crictl, on a Docker Engine',
    description: [
      'Serves CRI until SIGTERM or SIGINT; the pods go on running. A second signal ends it at once. SIGHUP reads the configuration file anew: what can change does, and the log says what waits for a restart; a file with a fault changes nothing.',
      'The flags of cri-dockerd are taken too, so that its unit file serves with the name of the program changed: options without a command are those of serve.',
    ],
    flags: [CONFIG_FLAG, PRINT_CONFIG_FLAG, ...OPTIONS],
    exitStatus: '0 after a signal, 1 when it can’t serve, 2 when an option or the configuration file is wrong',
  },
  {
    name: 'pods',
    synopsis: '[options]',
    summary: 'show the pods of this node, and their containers',
    description: [
      'Asks the running shim for the pods of this node and shows each with its addresses and its containers: the newest attempt of each, how it ended, how often it was restarted. It needs no kubelet.',
    ],
    flags: [WATCH_FLAG, JSON_FLAG, CONFIG_FLAG, endpointOfPods()],
    exitStatus: '0, 1 when no shim answers, 2 when an option or the configuration file is wrong',
  },
  {
    name: 'doctor',
    synopsis: '[options]',
    summary: 'look at this node: what is well, what is not, and what to do',
    description: [
      'Looks at the engine, cgroups, storage, log driver, pause image, CNI, sockets and who owns them, the kubelet’s configuration, pods that will be adopted, OOM scores, disks and the clock. Each line is ok, a warning or a problem, with what to do about it. It changes nothing, and needs no shim that runs.',
    ],
    flags: [{ ...JSON_FLAG, meaning: 'print JSON' }, CONFIG_FLAG, ...NODE_OPTIONS],
    exitStatus: '0 when all is ok, 3 when the worst is a warning, 4 when it is a problem, 2 when an option is wrong',
  },
  {
    name: 'migrate',
    synopsis: 'plan|check|rollback [options]',
    summary: 'print the steps from and to other runtimes, or check that pods were taken over',
    description: [
      'plan prints the steps that take this node to dockershim from the kubelet’s own dockershim or from cri-dockerd, or on to containerd; rollback those back. They are made for this node: its kubelet, its paths, its units. check compares what Docker has with what the running shim says, and looks at what the kubelet is told. All of them only look.',
    ],
    flags: [TO_FLAG, { ...JSON_FLAG, meaning: 'print JSON' }, CONFIG_FLAG, ...NODE_OPTIONS],
    words: MIGRATE_WORDS,
    exitStatus:
      '0; 1 without an engine, or of check without a shim; 2 when an option is wrong; of check 3 for a warning, 4 for a problem',
  },
  {
    name: 'completion',
    synopsis: SHELLS.join('|'),
    summary: 'print the completions of a shell',
    description: [
      'Prints a script that makes the shell complete commands, options and their values. For bash: dockershim completion bash > /etc/bash_completion.d/dockershim; for zsh a file _dockershim in a directory of $fpath; for fish ~/.config/fish/completions/dockershim.fish.',
    ],
    flags: [],
    words: SHELLS,
    exitStatus: '0, 2 for another shell',
  },
  {
    name: 'version',
    synopsis: '',
    summary: 'print the version, and what it was built from',
    description: ['Prints the version, the commit that it was built from, and what it speaks. Also --version.'],
    flags: [],
    exitStatus: '0',
  },
  {
    name: 'help',
    synopsis: '[COMMAND]',
    summary: 'print the help of a command',
    description: ['Prints what a command does and its options. Also COMMAND --help.'],
    flags: [],
    exitStatus: '0, 2 when there is no such command',
  },
] as const satisfies readonly Command[];

export type CommandName = (typeof COMMANDS)[number]['name'];

export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

function endpointOfPods(): Flag {
  const meaning = 'where the shim serves, unix:///PATH (by default where the configuration file says)';
  return { flag: 'container-runtime-endpoint', value: 'URL', meaning };
}
