import { USAGE, serveHelp } from './cli/help';
import { readConfig } from './config/config';
import { messageOf } from './lib/errors';
import { version } from '../package.json';

/** Starts `netns-connector` of this very program. */
const CONNECTOR_COMMAND = [process.execPath, __filename, 'netns-connector'];

/** The rooms of a command are loaded when it is chosen: only `serve` needs them all, and the memory for them. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'serve':
      return await runServe(rest);
    case 'netns-connector':
      return await (await import('./cli/netns-connector')).netnsConnector();
    case '--version':
    case 'version':
      process.stdout.write(`dockershim ${version}\n`);
      return 0;
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(`dockershim: there is no command ${JSON.stringify(command)}\n\n${USAGE}`);
      return 2;
  }
}

async function runServe(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(serveHelp());
    return 0;
  }
  try {
    const config = readConfig(args);
    const { serve } = await import('./cli/serve');
    return await serve(config, CONNECTOR_COMMAND, signalled());
  } catch (error) {
    process.stderr.write(`dockershim: ${messageOf(error)}\n`);
    return 2;
  }
}

const ENDING_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The first SIGTERM or SIGINT. The next one, of either kind, ends the process at once, as people expect of it. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    const heard = (signal: string): void => {
      for (const each of ENDING_SIGNALS) process.off(each, heard);
      resolve(signal);
    };
    for (const signal of ENDING_SIGNALS) process.on(signal, heard);
  });
}

void main(process.argv.slice(2)).then((status) => process.exit(status));
