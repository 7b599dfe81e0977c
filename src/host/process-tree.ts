import { readdir, readFile } from 'node:fs/promises';
import { pause, type CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** How long to wait between two looks at processes that were killed, in milliseconds. */
const LOOK_AGAIN_MS = 10;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly dead: boolean;
}

/**
 * Kills a process, its group, its session and all that descends from it, and waits until none is left alive. It looks
 * again after each round, for a process may have forked just before it was killed.
 * @param pid the leader, in this process's PID namespace. It must be known to be alive just now, lest its number has
 *   gone to somebody else.
 * @throws ShimError Internal for 1 and below: that family is the whole machine.
 */
export async function killProcessTree(ctx: CallContext, pid: number): Promise<void> {
  checkLeader(pid);
  const doomed = new Set([pid]);
  for (;;) {
    const alive = family(await processes(), doomed);
    if (alive.length === 0) return;
    for (const member of alive) {
      doomed.add(member);
      send(member, 'SIGKILL');
    }
    await pause(ctx, LOOK_AGAIN_MS);
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

async function processes(): Promise<Process[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(names.map((name) => readProcess(name)));
  return read.filter((process) => process !== undefined);
}

/** proc(5), /proc/[pid]/stat: the name in parentheses may itself have blanks and parentheses. */
async function readProcess(pid: string): Promise<Process | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      dead: state === 'Z' || state === 'X',
    };
  } catch {
    return undefined;
  }
}
