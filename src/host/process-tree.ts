import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { pause, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { readProcessFile } from './kernel-file';

/** The first and the longest pause between two looks at processes that were killed, in milliseconds. */
const LOOK_AGAIN_MS = { first: 10, longest: 250 };
/** Stopped processes fork no more, so a family is soon complete; one that goes on growing is killed as it is. */
const MOST_ROUNDS = 50;
/** After so many processes others have their turn: a few milliseconds. */
const IN_A_ROW = 256;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly dead: boolean;
}

/**
 * Kills a process, its group, its session and all that descends from it, and waits until none is left alive. They are
 * stopped first: the child of one that is killed just after it has forked would be an orphan that nobody can tell from
 * the container's own processes. What has left its session and lost its parent before is not found.
 * @param pid the leader, in this process's PID namespace. It must be known to be alive now: otherwise its number may
 *   have gone to another process.
 * @throws ShimError Internal for 1 and below: that family is the whole machine; the context's reason when it ends first, or
 *   Internal when the processes can't be read: what was found of the family is killed then.
 */
export async function killProcessTree(ctx: CallContext, pid: number): Promise<void> {
  checkLeader(pid);
  const doomed = new Set([pid]);
  const killed = new Set<number>();
  let trouble: unknown;
  const kill = (member: number): void => {
    killed.add(member);
    send(member, 'SIGKILL');
  };
  for (let wait = LOOK_AGAIN_MS.first; ; wait = Math.min(2 * wait, LOOK_AGAIN_MS.longest)) {
    try {
      const alive = await stopped(doomed);
      if (alive.length === 0) return;
      alive.forEach(kill);
      trouble = undefined;
    } catch (error) {
      trouble = error;
      // Those that are found so far must not be left stopped; the number of one killed before may be another's by now.
      for (const member of doomed) if (!killed.has(member)) kill(member);
    }
    await pause(ctx, wait).catch((reason: unknown) => {
      if (trouble === undefined) throw reason;
      throw new ShimError('Internal', `nobody can tell which processes are alive: ${messageOf(trouble)}`, trouble);
    });
  }
}

/**
 * Kills what a process that has ended has left behind, its group, its session and their descendants, as above.
 * @param pid the leader's. While somebody is left of its session, nobody gets its number; after that anybody may.
 * @param isOwn whether a process is one of those that the leader was among: the others are not touched.
 * @throws as above.
 */
export async function killLeftBehind(ctx: CallContext, pid: number, isOwn: (pid: number) => boolean): Promise<void> {
  checkLeader(pid);
  const all = await processes();
  if (all.some((process) => process.pid === pid)) return;
  const left = family(all, new Set([pid]));
  const own = left.filter(isOwn);
  for (const other of left.filter((member) => !own.includes(member))) {
    // One that has ended meanwhile is nobody's.
    if (readProcess(String(other))?.dead === false) return;
  }
  if (own.length > 0) await killProcessTree(ctx, pid);
}

/** Stops the family of `doomed` and adds it to them. Answers those alive, when a look finds none that is new. */
async function stopped(doomed: Set<number>): Promise<number[]> {
  const halted = new Set<number>();
  for (let round = 1; ; round += 1) {
    const alive = family(await processes(), doomed);
    const running = alive.filter((member) => !halted.has(member));
    if (running.length === 0 || round === MOST_ROUNDS) return alive;
    for (const member of running) {
      halted.add(member);
      doomed.add(member);
      send(member, 'SIGSTOP');
    }
  }
}

/**
 * Sends a signal to the same processes, once, and does not wait.
 * @throws ShimError Internal for 1 and below.
 */
export async function signalProcessTree(pid: number, signal: NodeJS.Signals): Promise<void> {
  checkLeader(pid);
  for (const member of family(await processes(), new Set([pid]))) send(member, signal);
}

function checkLeader(pid: number): void {
  if (!(pid > 1)) throw new ShimError('Internal', `process ${pid} leads no family of its own`);
}

/** The living members of the family of `doomed`: by descent, by group or by session. */
function family(all: readonly Process[], doomed: ReadonlySet<number>): number[] {
  const members = new Set(doomed);
  let grew = true;
  while (grew) {
    grew = false;
    for (const process of all) {
      if (members.has(process.pid)) continue;
      if (members.has(process.parent) || doomed.has(process.group) || doomed.has(process.session)) {
        members.add(process.pid);
        grew = true;
      }
    }
  }
  return all.filter((process) => members.has(process.pid) && !process.dead).map((process) => process.pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** All of the machine, one file after the other: it may have more than this process can open at once. */
async function processes(): Promise<Process[]> {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found: Process[] = [];
  for (const [index, name] of names.entries()) {
    if (index % IN_A_ROW === IN_A_ROW - 1) await setImmediate();
    const process = readProcess(name);
    if (process !== undefined) found.push(process);
  }
  return found;
}

/** proc(5), /proc/[pid]/stat: the name in parentheses may itself have blanks and parentheses. Undefined once it is gone. */
function readProcess(pid: string): Process | undefined {
  const text = readProcessFile(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const [state, parent, group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    dead: state === 'Z' || state === 'X',
  };
}
