import { readFile, writeFile } from 'node:fs/promises';
import { processesOf, type ContainerProcess } from './cgroup/container-cgroup';
import { readKernelFile, tellsOfAnEnd } from './kernel-file';

const OWN_SCORE = '/proc/self/oom_score_adj';
const LEAST = -1000;
/** Processes may fork while their scores are set, and the child has the old one; that many looks are enough for all. */
const MOST_LOOKS = 20;

/**
 * The lowest OOM score that containers can be given on this host. Lowering one's score needs CAP_SYS_RESOURCE, which
 * nested and CI machines lack: there the score that this process has is as low as it goes, for the engine is its
 * neighbour. The way to know is to try, on this process, and to take it back.
 */
export async function lowestOomScore(ownScore = OWN_SCORE): Promise<number> {
  const own = Number.parseInt(await readFile(ownScore, 'utf8'), 10);
  if (own <= LEAST) return LEAST;
  try {
    await writeFile(ownScore, String(own - 1));
    await writeFile(ownScore, String(own));
    return LEAST;
  } catch {
    return own;
  }
}

/** The OOM score of a process; undefined when it has ended. */
export function oomScoreOf(pid: number): number | undefined {
  const text = readKernelFile(`/proc/${pid}/oom_score_adj`);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

/**
 * Gives the processes of a container another OOM score: those that have the score of its init process. One that has
 * chosen its own keeps it.
 * @throws the file system's error where the host does not allow a score so low.
 */
export async function setOomScore(of: ContainerProcess, score: number): Promise<void> {
  const old = oomScoreOf(of.pid);
  if (old === undefined || old === score) return;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const left = (await processesOf(of)).filter((pid) => oomScoreOf(pid) === old);
    if (left.length === 0) return;
    for (const pid of left) await writeScore(pid, score);
  }
}

async function writeScore(pid: number, score: number): Promise<void> {
  try {
    await writeFile(`/proc/${pid}/oom_score_adj`, String(score));
  } catch (error) {
    // It has ended: no file any more, or no process behind the open one.
    if (!tellsOfAnEnd(error)) throw error;
  }
}
