import { readdir, readFile } from 'node:fs/promises';
import { RuntimeServiceService as Runtime, type ExecSyncResponse } from '../../generated/runtime/v1/api';
import type { CallOptions } from '../support/cri-client';
import { EngineDoor } from '../support/engine-door';
import { docker } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let container: string;
let door: EngineDoor;

beforeAll(async () => {
  const socket = `/tmp/dockershim-door-${process.pid}-exec.sock`;
  door = await EngineDoor.open(socket);
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${socket}`);
  pods = await TestPods.over(shim);
  pod = await pods.run();
  container = await pods.started(pod);
});

afterAll(async () => {
  await shim.stop();
  await door.close();
});

function exec(cmd: string[], { timeout = 0n, ...options }: { timeout?: bigint } & CallOptions = {}) {
  return shim.call(Runtime.execSync, { containerId: container, cmd, timeout }, options);
}

const sh = (script: string, options?: { timeout?: bigint } & CallOptions): Promise<ExecSyncResponse> =>
  exec(['sh', '-c', script], options);

/** The commands of the host's living processes that have this word in them. */
async function processesWith(word: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.map((command) => command.replaceAll('\0', ' ')).filter((command) => command.includes(word));
}

describe('ExecSync answers', () => {
  it('standard output and standard error, each for itself', async () => {
    expect(await sh('echo out; echo err >&2')).toEqual({
      stdout: Buffer.from('out\n'),
      stderr: Buffer.from('err\n'),
      exitCode: 0,
    });
  });

  it.each([0, 1, 7, 126, 255])('the exit code %i', async (exitCode) => {
    expect(await sh(`exit ${exitCode}`)).toMatchObject({ exitCode });
  });

  it('128 and the signal for a command that was killed', async () => {
    expect(await sh('kill -9 $$')).toMatchObject({ exitCode: 137 });
  });

  it('bytes as they are', async () => {
    const { stdout } = await sh("printf '\\000\\001\\377\\376\\n\\r\\200'");

    expect([...stdout]).toEqual([0, 1, 0xff, 0xfe, 10, 13, 0x80]);
  });

  it('for a command without output', async () => {
    expect(await exec(['true'])).toEqual({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), exitCode: 0 });
  });

  it('a command that ends as its timeout comes near', async () => {
    expect(await sh('sleep 0.5; echo done', { timeout: 30n })).toMatchObject({ stdout: Buffer.from('done\n') });
  });

  it('a command with the longest timeout that CRI can express', async () => {
    const answer = await sh('sleep 0.2; echo done', { timeout: 9_223_372_036_854_775_807n });

    expect(answer).toMatchObject({ stdout: Buffer.from('done\n'), exitCode: 0 });
  });

  it('many at the same time, each with its own', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => sh(`echo ${index}; exit ${index}`)));

    expect(answers.map(({ stdout, exitCode }) => `${stdout.toString()}${exitCode}`)).toEqual(
      answers.map((_, index) => `${index}\n${index}`),
    );
  });

  it("in the container's own namespaces, with its variables, as its user", async () => {
    const id = await pods.started(pod, {
      envs: [{ key: 'GREETING', value: Buffer.from('hello') }],
      workingDir: '/tmp',
      linux: { securityContext: { runAsUser: { value: 77n } } },
    });

    expect(await pods.script(id, 'echo $GREETING; pwd; id')).toBe('hello\n/tmp\nuid=77 gid=0(root) groups=0(root)\n');
  });
});

describe('output without end', () => {
  it('is cut to what a client can take, and the command gets rid of all of it', async () => {
    const { stdout, exitCode } = await sh(`head -c ${17 * MIB} /dev/zero; exit 5`);

    expect(exitCode).toBe(5);
    expect(stdout.length).toBeGreaterThan(15 * MIB);
    expect(stdout.length).toBeLessThanOrEqual(16 * MIB);
  });

  it('on both streams is cut on both', async () => {
    const { stdout, stderr, exitCode } = await sh(
      `head -c ${17 * MIB} /dev/zero & head -c ${17 * MIB} /dev/zero >&2; wait`,
    );

    expect(exitCode).toBe(0);
    expect(stdout.length).toBeGreaterThan(7 * MIB);
    expect(stderr.length).toBeGreaterThan(7 * MIB);
  });

  it('on one stream leaves the short other one whole', async () => {
    const { stderr } = await sh(`echo short >&2; head -c ${17 * MIB} /dev/zero`);

    expect(stderr.toString()).toBe('short\n');
  });
});

describe('a timeout', () => {
  it('answers DeadlineExceeded when the command and all that it started are dead', async () => {
    const mark = '31415';
    // A child, a grandchild in the background, and one with a session of its own.
    const script = `sleep ${mark} & (sh -c "sleep ${mark} & wait") & setsid sleep ${mark} & trap "" TERM; sleep ${mark}`;

    await expect(sh(script, { timeout: 1n })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED', /took more than 1 s/));

    expect(await processesWith(mark)).toEqual([]);
  });

  it.each([
    ['in the background', '60221', 'sleep 60221 & exit 0'],
    ['in the background, with a family', '60222', '(sleep 60222 & setsid sleep 60222 & wait) & exit 3'],
  ])('comes to what the command has left %s, too', async (_where, mark, script) => {
    await expect(sh(script, { timeout: 1n })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));

    expect(await processesWith(mark)).toEqual([]);
  });

  it('leaves the container and the other commands in it alone', async () => {
    const other = sh('sleep 2; echo survived', { timeout: 30n });

    await expect(exec(['sleep', '27182'], { timeout: 1n })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));

    expect((await other).stdout.toString()).toBe('survived\n');
    expect((await sh('echo alive')).stdout.toString()).toBe('alive\n');
  });

  it('comes also to a command that closes its output and goes on', async () => {
    const script = 'exec >/dev/null 2>&1; sleep 16180';

    await expect(sh(script, { timeout: 1n })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));

    expect(await processesWith('16180')).toEqual([]);
  });
});

describe('a call that its client gives up', () => {
  /** Until no process has the mark in its command, nor gets it a moment later: one may be about to start. */
  async function untilDead(mark: string): Promise<void> {
    let quiet = 0;
    for (let look = 0; look < 200 && quiet < 10; look += 1) {
      quiet = (await processesWith(mark)).length === 0 ? quiet + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await processesWith(mark)).toEqual([]);
  }

  it('is killed when it is cancelled', async () => {
    const client = new AbortController();
    const call = sh('sleep 14142 & sleep 14142', { signal: client.signal });
    while ((await processesWith('sleep 14142')).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));

    client.abort();

    await expect(call).rejects.toMatchObject(refusal('CANCELLED'));
    await untilDead('14142');
  });

  it('is killed when its deadline passes', async () => {
    await expect(exec(['sleep', '17320'], { timeoutMs: 700 })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));

    await untilDead('17320');
  });

  it('is killed also when that happens as it starts', async () => {
    const client = new AbortController();
    const held = door.hold(/^POST \S+\/exec\/\S+\/start/);
    const call = exec(['sleep', '22360'], { signal: client.signal });
    await held.arrived;

    client.abort();
    held.release();

    await expect(call).rejects.toMatchObject(refusal('CANCELLED'));
    await untilDead('22360');
  });
});

describe('ExecSync refuses', () => {
  it('a container that does not run', async () => {
    const created = await pods.create(pod);
    const { id: exited } = await pods.ended(pod, { command: ['true'] });

    for (const containerId of [created, exited]) {
      await expect(shim.call(Runtime.execSync, { containerId, cmd: ['true'], timeout: 0n })).rejects.toMatchObject(
        refusal('FAILED_PRECONDITION', /does not run/),
      );
    }
  });

  it('a paused container', async () => {
    const containerId = await pods.started(pod);
    await docker('pause', containerId);
    try {
      await expect(shim.call(Runtime.execSync, { containerId, cmd: ['true'], timeout: 0n })).rejects.toMatchObject(
        refusal('FAILED_PRECONDITION', /paused/),
      );
    } finally {
      await docker('unpause', containerId);
    }
  });
});

it('a program that is not there is a failed command to Docker, which says so in its output', async () => {
  const { stdout, exitCode } = await exec(['/no/such/program']);

  expect([126, 127]).toContain(exitCode);
  expect(stdout.toString()).toContain('/no/such/program');
});
