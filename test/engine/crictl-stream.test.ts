import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

/** crictl has Go's own clients: what Kubernetes' tools do on the wire. Without it on the machine there is no test here. */
const present = spawnSync('crictl', ['--version']).status === 0;
const here = present ? describe : describe.skip;

/** crictl ignores SIGTERM when it waits for a stream, and would wait for ever on a broken one. */
const PATIENCE_MS = 60_000;

interface Result {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

here.each(['spdy', 'websocket'])('crictl with --transport %s', (transport) => {
  let shim: ShimUnderTest;
  let pods: TestPods;
  let pod: TestPod;

  beforeAll(async () => {
    shim = await ShimUnderTest.start();
    pods = await TestPods.over(shim);
    pod = await pods.run();
  }, 60_000);

  afterAll(() => shim.stop(), 60_000);

  function crictl(verb: string, args: readonly string[], input: Buffer | string = ''): Promise<Result> {
    const endpoint = `unix://${shim.socketPath}`;
    // An empty config: without one crictl reads the machine's, or warns on stderr that there is none.
    const all = ['--config', '/dev/null', '-r', endpoint, '-i', endpoint, verb, '--transport', transport, ...args];
    return new Promise((resolve, reject) => {
      const child = spawn('crictl', all, { timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (part: Buffer) => stdout.push(part));
      child.stderr.on('data', (part: Buffer) => stderr.push(part));
      child.stdin.on('error', () => undefined);
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
      );
      child.stdin.end(input);
    });
  }

  it.each([0, 7, 255])(
    'shows both outputs and the exit code %i',
    async (code) => {
      const containerId = await pods.started(pod);
      const result = await crictl('exec', [containerId, 'sh', '-c', `echo out; echo err >&2; exit ${code}`]);
      expect(result.stdout.toString()).toBe('out\n');
      expect(result.stderr).toMatch(
        code === 0 ? /^err\n$/ : new RegExp(`^err\n(.|\n)*terminated with exit code ${code}`),
      );
      expect(result.code).toBe(code === 0 ? 0 : 1);
    },
    60_000,
  );

  it('carries bulk both ways, and the end of the input', async () => {
    const containerId = await pods.started(pod);
    const bytes = randomBytes(16 * 1024 * 1024);
    const { stdout, code } = await crictl('exec', ['-i', containerId, 'cat'], bytes);
    expect([code, sha256(stdout)]).toEqual([0, sha256(bytes)]);
  }, 90_000);

  it('attaches', async () => {
    const containerId = await pods.started(pod, { command: ['sh'], stdin: true, stdinOnce: true });
    const { stdout, stderr, code } = await crictl('attach', ['-i', containerId], 'echo hello; echo bad >&2\n');
    expect([stdout.toString(), stderr, code]).toEqual(['hello\n', 'bad\n', 0]);
  }, 60_000);
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
