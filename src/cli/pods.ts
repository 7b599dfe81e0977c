import { setTimeout as after } from 'node:timers/promises';
import type { Arguments } from '../config/arguments';
import { isOn } from '../config/arguments';
import { configOf } from '../config/config';
import { loadSettings } from '../config/load';
import { messageOf } from '../lib/errors';
import { JSON_FLAG, WATCH_FLAG } from './commands';
import { CriClient } from './cri-client';
import { nodePods, type NodePod } from './pods/node-pods';
import { painter, Screen, type Output } from './pods/screen';
import { podTable } from './pods/table';
import { shimSocket } from './shim-socket';

const AGAIN_MS = 2000;

/**
 * `dockershim pods`: prints the pods of this node, once or until `ended`. Answers the exit status.
 * @throws ShimError InvalidArgument for a bad configuration, Unavailable when no shim answers and nobody watches
 */
export async function pods(args: Arguments, output: Output, ended: Promise<unknown>): Promise<number> {
  const cri = new CriClient(shimSocket(configOf((await loadSettings(args)).settings)));
  const paint = painter(output, process.env);
  const json = isOn(args, JSON_FLAG.flag);
  const table = (all: readonly NodePod[]): string[] => {
    const { isTTY, columns } = output;
    return podTable(all, { now: Date.now(), paint, ...(isTTY && columns !== undefined && { width: columns }) });
  };
  try {
    if (!isOn(args, WATCH_FLAG.flag)) {
      const all = await nodePods(cri);
      output.write(json ? `${asJson(all, 2)}\n` : `${table(all).join('\n')}\n`);
    } else if (json) {
      await again(ended, async () => void output.write(`${asJson(await nodePods(cri))}\n`));
    } else {
      await watch(cri, new Screen(output), table, ended);
    }
    return 0;
  } finally {
    cri.close();
  }
}

/** A shim that is restarted is waited for. */
async function watch(
  cri: CriClient,
  screen: Screen,
  table: (all: readonly NodePod[]) => string[],
  ended: Promise<unknown>,
): Promise<void> {
  screen.open();
  try {
    await again(ended, async () => screen.show(await nodePods(cri).then(table, (error) => [messageOf(error)])));
  } finally {
    screen.close();
  }
}

async function again(ended: Promise<unknown>, work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const end = ended.then(() => stop.abort());
  while (!stop.signal.aborted) {
    await Promise.race([work(), end]);
    await after(AGAIN_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

/** The times, in nanoseconds, are written as ISO 8601 has them. */
function asJson(all: readonly NodePod[], indent?: number): string {
  const written = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? new Date(Number(value / 1_000_000n)).toISOString() : value;
  return JSON.stringify(all, written, indent);
}
