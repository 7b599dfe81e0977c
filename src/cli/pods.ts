import { setTimeout as after } from 'node:timers/promises';
import { isOn, type Arguments } from '../config/arguments';
import { configOf } from '../config/config';
import { loadSettings } from '../config/load';
import { toMilliseconds } from '../lib/time';
import { JSON_FLAG, WATCH_FLAG } from './commands';
import { CriClient } from './cri-client';
import type { Output } from './output';
import { nodePods, type NodePod } from './pods/node-pods';
import { painter, Screen } from './pods/screen';
import { podTable } from './pods/table';
import { watchPods, type Viewer } from './pods/watch';
import { shimSocket } from './shim-socket';

/**
 * `dockershim pods`: prints the pods of this node, once or until `ended`. Answers the exit status. While JSON is
 * watched, `errors` tells of a shim that is away; otherwise the screen does, in the table's place.
 * @param ended called by a watch alone: from then on a signal no longer ends the process, and resolves it
 * @throws ShimError InvalidArgument for a bad configuration, Unavailable when no shim answers and nobody watches
 */
export async function pods(
  args: Arguments,
  output: Output,
  errors: Pick<Output, 'write'>,
  ended: () => Promise<unknown>,
): Promise<number> {
  const cri = new CriClient(shimSocket(configOf((await loadSettings(args)).settings)));
  const paint = painter(output, process.env);
  const json = isOn(args, JSON_FLAG.flag);
  const table = (all: readonly NodePod[]): string[] => {
    const { isTTY, columns } = output;
    return podTable(all, { now: Date.now(), paint, ...(isTTY && columns !== undefined && { width: columns }) });
  };
  try {
    const look = (): Promise<NodePod[]> => nodePods(cri);
    if (!isOn(args, WATCH_FLAG.flag)) {
      const all = await look();
      output.write(json ? `${asJson(all, 2)}\n` : `${table(all).join('\n')}\n`);
    } else if (json) {
      const show = (all: readonly NodePod[]): void => void output.write(`${asJson(all)}\n`);
      const away = (sentence: string): void => void errors.write(`dockershim: ${sentence}\n`);
      await watchPods({ look, pause, viewer: { show, away } }, ended());
    } else {
      const screen = new Screen(output);
      const viewer: Viewer = { show: (all) => screen.show(table(all)), away: (sentence) => screen.show([sentence]) };
      screen.open();
      await watchPods({ look, pause, viewer }, ended()).finally(() => screen.close());
    }
    return 0;
  } finally {
    cri.close();
  }
}

/** Waits so many milliseconds, or until the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal }).catch(() => undefined);
}

/** The times, in nanoseconds, are written as ISO 8601 has them. */
function asJson(all: readonly NodePod[], indent?: number): string {
  const written = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? new Date(toMilliseconds(value)).toISOString() : value;
  return JSON.stringify(all, written, indent);
}
