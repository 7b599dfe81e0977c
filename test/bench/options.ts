import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How many pods are on the node at each level, rising. */
  readonly levels: readonly number[];
  /** How many lives of a pod each side has. */
  readonly rounds: number;
  /** How many commands are run to see whether the memory stays flat. */
  readonly execs: number;
  /** The output of the container that logs at full speed, in MB. */
  readonly logMegabytes: number;
  /** The names of the subjects to measure; all of them when it is empty. */
  readonly only: readonly string[];
  /** The CRI socket of another runtime on the same engine. */
  readonly peer: string | undefined;
  /** The shim that is measured. */
  readonly bundle: string;
  /** What Node is started with to run it. */
  readonly nodeFlags: readonly string[];
  /** The flags of `serve` that it has beside those that every shim of a bench has. */
  readonly shimFlags: readonly string[];
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --pods 50,200,500  the levels: pods of one sleeping container each
  --rounds 30        lives of a pod, for the shim and for the bare Docker calls
  --execs 1000       commands to run one after the other; 10000 for a release
  --log-mb 1000      output of the container that logs at full speed
  --only NAME,…      life, cni, rpc, stats, exec, port-forward, logs, steady, memory, start; all without it
  --peer SOCKET      another CRI runtime on the same engine (DOCKERSHIM_TEST_ENGINE), called in turns with the shim
  --bundle FILE      the shim to measure, dist/dockershim.js
  --node-flags='…'   what Node is started with, in place of what the package starts it with
  --shim-flags='…'   more flags of dockershim serve, such as those of a CNI network
  --json FILE        writes the figures there too
`;

/** @throws Error that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pods: { type: 'string', default: '50,200,500' },
      rounds: { type: 'string', default: '30' },
      execs: { type: 'string', default: '1000' },
      'log-mb': { type: 'string', default: '1000' },
      only: { type: 'string', default: '' },
      peer: { type: 'string' },
      bundle: { type: 'string', default: 'dist/dockershim.js' },
      'node-flags': { type: 'string', default: '' },
      'shim-flags': { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  return {
    levels: values.pods
      .split(',')
      .map((level) => positive('--pods', level))
      .sort((one, other) => one - other),
    rounds: positive('--rounds', values.rounds),
    execs: positive('--execs', values.execs),
    logMegabytes: positive('--log-mb', values['log-mb']),
    only: values.only.split(',').filter((name) => name !== ''),
    peer: values.peer?.replace(/^unix:\/\//, ''),
    bundle: values.bundle,
    nodeFlags: words(values['node-flags']),
    shimFlags: words(values['shim-flags']),
    json: values.json,
  };
}

function positive(flag: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${flag}: ${JSON.stringify(text)} is not a number from 1 up`);
  return Number(text);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
