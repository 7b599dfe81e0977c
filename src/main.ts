import { COMMANDS, commandNamed, PRINT_CONFIG_FLAG, type Command, type CommandName } from './cli/commands';
import { commandHelp, usage } from './cli/help';
import { isOn, parseArguments, refuseWords, type Arguments } from './config/arguments';
import { CRI_DOCKERD_FLAGS } from './config/cri-dockerd-flags';
import { kindOf, messageOf } from './lib/errors';

/** Longer lines of prose are hard to read. */
const WIDEST = 100;

const ENDING_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Starts `netns-connector` of this very program. */
const CONNECTOR_COMMAND = [process.execPath, __filename, 'netns-connector'];

/** The rooms of a command are loaded when it is chosen: only `serve` needs them all, and the memory for them. */
const RUN: Readonly<Record<CommandName, (args: Arguments) => Promise<number>>> = {
  serve: async (args) => {
    refuseWords(args, 'serve');
    if (isOn(args, PRINT_CONFIG_FLAG.flag)) return await printConfig(args);
    return await (await import('./cli/serve')).serve(args, CONNECTOR_COMMAND, { ended: ended(), onHangup });
  },
  pods: async (args) => {
    refuseWords(args, 'pods');
    return await (await import('./cli/pods')).pods(args, process.stdout, process.stderr, ended);
  },
  doctor: async (args) => {
    refuseWords(args, 'doctor');
    return await (await import('./cli/doctor')).doctor(args, process.stdout);
  },
  migrate: async (args) => await (await import('./cli/migrate')).migrate(args, process.stdout),
  completion: async ({ words }) => print((await import('./cli/completion')).completion(words[0])),
  version: async () => print((await import('./cli/version')).versionText()),
  help: async ({ words }) => help(words[0]),
};

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === 'netns-connector') return await (await import('./cli/netns-connector')).netnsConnector();
  if (first === undefined || first === '--help' || first === '-h') return help();
  // --buildinfo is cri-dockerd's.
  if (first === '--version' || first === '--buildinfo') return await RUN.version({ flags: [], words: [] });
  // As cri-dockerd is started: options, and no command.
  return first.startsWith('-') ? await run('serve', args) : await run(first, rest);
}

async function run(name: string, args: readonly string[]): Promise<number> {
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return help(name);
  if (args.includes('--help') || args.includes('-h')) return help(name);
  try {
    return await RUN[command.name](parseArguments(args, flagsOf(command), name));
  } catch (error) {
    process.stderr.write(`dockershim: ${messageOf(error)}\n`);
    return kindOf(error) === 'InvalidArgument' ? 2 : 1;
  }
}

function flagsOf(command: Command): Command['flags'] {
  return command.name === 'serve' ? [...command.flags, ...CRI_DOCKERD_FLAGS] : command.flags;
}

async function printConfig(args: Arguments): Promise<number> {
  const [{ loadSettings }, { printSettings }] = await Promise.all([import('./config/load'), import('./config/print')]);
  return print(printSettings((await loadSettings(args)).settings));
}

function help(name?: string): number {
  const width = Math.min(process.stdout.columns ?? WIDEST, WIDEST);
  const command = name === undefined ? undefined : commandNamed(name);
  if (command !== undefined) return print(commandHelp(command, width));
  if (name === undefined) return print(usage(width));
  process.stderr.write(`dockershim: there is no command ${JSON.stringify(name)}\n\n${usage(width)}`);
  return 2;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** The first SIGTERM or SIGINT. The next one, of either kind, ends the process at once, as people expect of it. */
function ended(): Promise<string> {
  return new Promise((resolve) => {
    const heard = (signal: string): void => {
      for (const each of ENDING_SIGNALS) process.off(each, heard);
      resolve(signal);
    };
    for (const signal of ENDING_SIGNALS) process.on(signal, heard);
  });
}

/** Who reads the output may have had enough, as `head` has; a full disk is a failure. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`dockershim: cannot write its output: ${error.message}\n`);
  process.exit(1);
}

function onHangup(listener: () => void): void {
  process.on('SIGHUP', listener);
}

process.stdout.on('error', outputFailed);
// That it is looked at makes it non-blocking: whoever reads the log may stop, and the shim goes on.
process.stderr.on('error', () => undefined);
// Node would open its debugger, for everybody on this machine; a signal that is listened to it leaves alone.
process.on('SIGUSR1', () => undefined);
void main(process.argv.slice(2)).then((status) => process.exit(status));
