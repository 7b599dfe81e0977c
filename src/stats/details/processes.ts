import { opendirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
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
/** A process takes as long as so many descriptors, even when it has none that can be read. */
const PROCESS_WEIGHT = 16;
/** The most descriptors that are looked at in one container; what it has open beyond that is not counted. */
const MOST_DESCRIPTORS = 100_000;
/** A directory without others in it has its own two names and no more. */
const LINKS_OF_A_LEAF = 2;

/**
 * Counts the processes of a cgroup and of those below it.
 * @param directory of a controller that has all of the container's processes.
 * @param most so many descriptors are looked at, and nothing is read beyond.
 */
export async function countProcesses(
  ctx: CallContext,
  directory: string,
  most = MOST_DESCRIPTORS,
): Promise<ProcessCounts> {
  const pids = processesBelow(directory);
  let [descriptors, sockets, sinceRest] = [0, 0, 0];
  const rest = async (): Promise<void> => {
    sinceRest = 0;
    await setImmediate();
    throwIfEnded(ctx);
  };
  for (const pid of pids) {
    if (descriptors === most) break;
    sinceRest += PROCESS_WEIGHT;
    if (sinceRest >= IN_A_ROW) await rest();
    for (const descriptor of descriptorsIn(`/proc/${pid}/fd`)) {
      descriptors += 1;
      if (isSocket(`/proc/${pid}/fd/${descriptor}`)) sockets += 1;
      if (descriptors === most) break;
      sinceRest += 1;
      if (sinceRest >= IN_A_ROW) await rest();
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

/**
 * Nothing of a process that has ended, or that the shim may not look into. One can have millions of descriptors, so they
 * are read in pieces. A few are read at once, which takes half as long: the kernel tells their number as the size of the
 * directory (Linux 6.2; zero before), and between the two calls they can't become many.
 */
function* descriptorsIn(directory: string): Generator<string, void> {
  try {
    const size = statSync(directory, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size <= IN_A_ROW) yield* readdirSync(directory);
    else yield* piecemeal(directory);
  } catch {
    return;
  }
}

function* piecemeal(directory: string): Generator<string, void> {
  const entries = opendirSync(directory, { bufferSize: IN_A_ROW });
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) yield entry.name;
  } finally {
    entries.closeSync();
  }
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:');
  } catch {
    return false;
  }
}
