import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { readKernelFile } from '../../host/kernel-file';
import { throwIfEnded, type CallContext } from '../../lib/call-context';

/** What the processes of a cgroup have open. They come and go while they are looked at. */
export interface ProcessCounts {
  readonly processes: bigint;
  readonly descriptors: bigint;
  readonly sockets: bigint;
}

/** After so many descriptors others have their turn: a millisecond or two. */
const IN_A_ROW = 256;
/** The most descriptors that are looked at in one container; what it has open beyond that is not counted. */
const MOST_DESCRIPTORS = 100_000;
/** A directory without others in it has its own two names and no more. */
const LINKS_OF_A_LEAF = 2;

/**
 * Counts the processes of a cgroup and of those below it.
 * @param directory of a controller that has all of the container's processes.
 */
export async function countProcesses(ctx: CallContext, directory: string): Promise<ProcessCounts> {
  const pids = processesBelow(directory);
  let [descriptors, sockets, sinceRest] = [0, 0, 0];
  for (const pid of pids) {
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      if (descriptors === MOST_DESCRIPTORS) break;
      descriptors += 1;
      if (isSocket(`/proc/${pid}/fd/${descriptor}`)) sockets += 1;
      sinceRest += 1;
      if (sinceRest < IN_A_ROW) continue;
      sinceRest = 0;
      await setImmediate();
      throwIfEnded(ctx);
    }
  }
  return { processes: BigInt(pids.length), descriptors: BigInt(descriptors), sockets: BigInt(sockets) };
}

function processesBelow(directory: string): string[] {
  const own = (readKernelFile(`${directory}/cgroup.procs`) ?? '').split('\n').filter((pid) => pid !== '');
  if (!hasChildren(directory)) return own;
  return [...own, ...directoriesIn(directory).flatMap((name) => processesBelow(`${directory}/${name}`))];
}

function hasChildren(directory: string): boolean {
  const stats = statSync(directory, { throwIfNoEntry: false });
  return stats !== undefined && stats.nlink > LINKS_OF_A_LEAF;
}

function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Nothing of a process that has ended, or that the shim may not look into. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:');
  } catch {
    return false;
  }
}
