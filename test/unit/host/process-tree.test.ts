import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { killLeftBehind, killProcessTree, signalProcessTree } from '../../../src/host/process-tree';
import { withDetached } from '../../../src/lib/call-context';
import { messageOf } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';
import { temporaryDirectory } from '../../support/temporary-directory';
import { withoutFiles } from '../../support/without-files';

const root = temporaryDirectory();

/** Every process of a family has this in its environment, wherever it goes. */
class Family {
  private readonly mark = `FAMILY=${randomUUID()}`;
  private readonly leader: ChildProcess;
  private cleared = false;

  /** Runs a script as the leader of a session, as the engine does with a command. */
  constructor(script: string) {
    const [name = '', value = ''] = this.mark.split('=');
    this.leader = spawn('/bin/sh', ['-c', script], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], [name]: value },
    });
  }

  get pid(): number {
    if (this.leader.pid === undefined) throw new Error('it did not start');
    return this.leader.pid;
  }

  /** Those alive: a zombie has no environment. */
  alive(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environment(name).includes(this.mark))
      .map(Number);
  }

  async untilAlive(count: number): Promise<void> {
    while (!this.cleared && this.alive().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  clear(): void {
    this.cleared = true;
    for (const pid of this.alive()) process.kill(pid, 'SIGKILL');
  }
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

const families: Family[] = [];

function family(script: string): Family {
  const one = new Family(script);
  families.push(one);
  return one;
}

afterEach(() => families.splice(0).forEach((one) => one.clear()));

it.each([
  ['a single process', 'exec sleep 1000', 1],
  ['its children', 'sleep 1000 & sleep 1000 & wait', 3],
  ['grandchildren', 'sh -c "sh -c \\"sleep 1000 & wait\\" & wait" & wait', 4],
  ['a grandchild in a session of its own', 'setsid sleep 1000 & setsid sh -c "sleep 1000 & wait" & wait', 4],
  ['an orphan in the session of a grandchild', 'setsid sh -c "(sleep 1000 &) ; exec sleep 1000" & wait', 3],
  ['an orphan of its session', '(sleep 1000 &) ; exec sleep 1000', 2],
  ['processes that do not take SIGTERM', 'trap "" TERM HUP INT; sh -c "sleep 1000 & wait" & wait', 3],
  ['processes that are stopped', 'sleep 1000 & kill -STOP $!; kill -STOP $$', 2],
])('kills %s', async (_what, script, count) => {
  const doomed = family(script);
  await doomed.untilAlive(count);
  await killProcessTree(aCall().ctx, doomed.pid);
  expect(doomed.alive()).toEqual([]);
});

it('kills one that forks without an end', async () => {
  const doomed = family('while :; do sleep 1000 & sleep 0.005; done');
  await doomed.untilAlive(5);
  await killProcessTree(aCall().ctx, doomed.pid);
  expect(doomed.alive()).toEqual([]);
});

it('kills one that was forked into a session of its own between the look and the kill', async () => {
  const [fork, forked] = [root.path('fork'), root.path('forked')];
  const child = `setsid sh -c ": > ${forked}; exec sleep 1000"`;
  const doomed = family(`while ! [ -e ${fork} ]; do :; done; ${child} & wait`);
  await doomed.untilAlive(1);
  const kill = process.kill.bind(process);
  const send = jest.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    writeFileSync(fork, '');
    while (!existsSync(forked));
    return kill(pid, signal);
  });
  try {
    await killProcessTree(aCall().ctx, doomed.pid);
  } finally {
    send.mockRestore();
  }
  expect(doomed.alive()).toEqual([]);
});

it('kills one whose name looks like the fields that follow it', async () => {
  const odd = root.path('a) Z 1 (b');
  copyFileSync('/bin/sleep', odd);
  const doomed = family(`setsid "${odd}" 1000 & wait`);
  await doomed.untilAlive(2);
  await killProcessTree(aCall().ctx, doomed.pid);
  expect(doomed.alive()).toEqual([]);
});

it('does not wait for one that is dead and that its parent never asks about', async () => {
  const parent = family('sleep 1000 & exec sleep 1001');
  await parent.untilAlive(2);
  const [doomed = 0] = parent.alive().filter((pid) => pid !== parent.pid);
  await killProcessTree(aCall().ctx, doomed);
  expect(parent.alive()).toEqual([parent.pid]);
  expect(readFileSync(`/proc/${doomed}/stat`, 'latin1')).toContain(' Z ');
});

it('leaves others alone, this process and its other children above all', async () => {
  const [doomed, other] = [family('sleep 1000 & wait'), family('sleep 1000 & wait')];
  await Promise.all([doomed.untilAlive(2), other.untilAlive(2)]);
  await killProcessTree(aCall().ctx, doomed.pid);
  expect(other.alive()).toHaveLength(2);
});

it('does not take processes for dead that it cannot read: it kills what it has found, and looks on', async () => {
  const doomed = family('sleep 1000 & wait');
  await doomed.untilAlive(2);
  const { all } = await withoutFiles(async () => {
    const all = withDetached(silentLog, 5_000, 'killing', (ctx) => killProcessTree(ctx, doomed.pid));
    all.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { all };
  });
  await all;
  expect(doomed.alive()).toEqual([]);
});

it('says so when it could not read them until the end', async () => {
  const doomed = family('exec sleep 1000');
  await doomed.untilAlive(1);
  const killing = withoutFiles(() =>
    withDetached(silentLog, 100, 'killing', (ctx) => killProcessTree(ctx, doomed.pid)).then(
      () => 'killed',
      (error: unknown) => messageOf(error),
    ),
  );
  expect(await killing).toMatch(/^nobody can tell which processes are alive: .*EMFILE/);
  expect(doomed.alive()).toEqual([]);
});

it('a process that has ended is as good as killed', async () => {
  const ended = family('exit 0');
  await killProcessTree(aCall().ctx, ended.pid);
  await expect(killProcessTree(aCall().ctx, ended.pid)).resolves.toBeUndefined();
});

describe('what an ended process left behind', () => {
  const LEAVES = '(sleep 1000 & sleep 1000 & wait) & exit 0';

  /** A family whose leader is gone: this process has asked about it. */
  async function headless(): Promise<Family> {
    const left = family(LEAVES);
    await left.untilAlive(3);
    while (existsSync(`/proc/${left.pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
    return left;
  }

  it('is killed', async () => {
    const left = await headless();
    const known = left.alive();
    await killLeftBehind(aCall().ctx, left.pid, (pid) => known.includes(pid));
    expect(left.alive()).toEqual([]);
  });

  it('is left alone when somebody else’s is among it: the number has a new owner', async () => {
    const left = await headless();
    const [, ...known] = left.alive();
    await killLeftBehind(aCall().ctx, left.pid, (pid) => known.includes(pid));
    expect(left.alive()).toHaveLength(3);
  });

  it('is killed also when one of it ends by itself meanwhile', async () => {
    const left = await headless();
    const [first = 0, ...known] = left.alive();
    await killLeftBehind(aCall().ctx, left.pid, (pid) => {
      if (pid !== first) return known.includes(pid);
      process.kill(pid, 'SIGKILL');
      while (left.alive().includes(pid));
      return false;
    });
    expect(left.alive()).toEqual([]);
  });

  it('is nothing while a process has the number', async () => {
    const other = family('sleep 1000 & wait');
    await other.untilAlive(2);
    await killLeftBehind(aCall().ctx, other.pid, () => true);
    expect(other.alive()).toHaveLength(2);
  });
});

it('does not wait longer than its call', async () => {
  const { ctx, cancel, reason } = aCall();
  const doomed = family('exec sleep 1000');
  await doomed.untilAlive(1);
  cancel();
  await expect(killProcessTree(ctx, doomed.pid)).rejects.toBe(reason);
});

describe('a signal', () => {
  it('reaches the whole family, and nobody else', async () => {
    const script = 'setsid sleep 1000 & sleep 1000 & wait';
    const [doomed, other] = [family(script), family(script)];
    await Promise.all([doomed.untilAlive(3), other.untilAlive(3)]);
    await signalProcessTree(doomed.pid, 'SIGTERM');
    while (doomed.alive().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(other.alive()).toHaveLength(3);
  });

  it('is sent once: who does not listen stays', async () => {
    const deaf = family('trap "" HUP; sh -c "sleep 1000 & wait" & wait');
    await deaf.untilAlive(3);
    await signalProcessTree(deaf.pid, 'SIGHUP');
    expect(deaf.alive()).toHaveLength(3);
  });
});

it.each([1, 0, -1, Number.NaN])('%p is never taken for a leader: that would be the whole machine', async (pid) => {
  // Without the guard this would kill everything, so nothing here is really killed.
  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  const { ctx, cancel } = aCall();
  cancel();
  try {
    const refused = `Internal: process ${pid} leads no family of its own`;
    expect(await refusalOf(killProcessTree(ctx, pid))).toBe(refused);
    expect(await refusalOf(killLeftBehind(ctx, pid, () => true))).toBe(refused);
    expect(await refusalOf(signalProcessTree(pid, 'SIGTERM'))).toBe(refused);
    expect(kill).not.toHaveBeenCalled();
  } finally {
    kill.mockRestore();
  }
});
