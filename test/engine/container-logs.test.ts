import { lstat, mkdir, readdir, readFile, readlink, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { docker, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z`;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;

/** It writes into its log what `say` sends it. */
const speaker = (logPath: string) => sh('/bin/busybox mkfifo /tmp/ear; while true; do cat /tmp/ear; done', { logPath });
const say = (id: string, word: string) => docker('exec', id, 'sh', '-c', `echo ${word} > /tmp/ear`);
const sh = (script: string, parts: object = {}) => ({ command: ['sh', '-c', script], ...parts });
const remove = (containerId: string) => shim.call(Runtime.removeContainer, { containerId });
const reopen = (containerId: string) => shim.call(Runtime.reopenContainerLog, { containerId });
const linesOf = async (path: string) => (await readFile(path, 'utf8')).split('\n').slice(0, -1);
/** Without their times. */
const wordsOf = async (path: string) => (await linesOf(path)).map((line) => line.slice(line.indexOf(' ') + 1));

/** When the log has so many lines. */
async function untilLines(path: string, count: number): Promise<string[]> {
  for (;;) {
    const lines = await wordsOf(path);
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('in the CRI format', () => {
  beforeAll(async () => {
    shim = await ShimUnderTest.start();
    pods = await TestPods.over(shim);
    pod = await pods.run();
  });

  afterAll(() => shim.stop());

  it('is complete when the container has ended, and outlives it, as the kubelet removes it', async () => {
    const { id, logPath } = await pods.ended(pod, sh('echo out; echo err >&2', { logPath: 'deep/0.log' }));

    expect(logPath).toBe(`${pod.config.logDirectory}/deep/0.log`);
    const lines = await linesOf(logPath);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(new RegExp(`^${TIME} (stdout F out|stderr F err)$`));
    expect(((await stat(logPath)).mode & 0o777).toString(8)).toBe('640');

    await remove(id);
    expect(await linesOf(logPath)).toEqual(lines);
    expect(await readdir(`${shim.rootDirectory}/logs`)).toEqual([]);
  });

  it("has Docker's times, and parts of long lines", async () => {
    const script = 'echo first; head -c 40000 /dev/zero | tr "\\0" x; echo; printf last';
    const { id, logPath } = await pods.ended(pod, { command: ['/bin/busybox', 'sh', '-c', script] });

    const x = (length: number) => 'x'.repeat(length);
    const words = ['F first', `P ${x(16_384)}`, `P ${x(16_384)}`, `F ${x(40_000 - 2 * 16_384)}`, 'P last'];
    expect(await wordsOf(logPath)).toEqual(words.map((word) => `stdout ${word}`));
    const dockers = (await docker('logs', '--timestamps', id)).split('\n');
    const first = (await linesOf(logPath))[0] ?? '';
    expect(Date.parse(first.split(' ')[0] ?? '')).toBe(Date.parse((dockers[0] ?? '').split(' ')[0] ?? ''));
  });

  it('of a terminal is stdout alone', async () => {
    const { logPath } = await pods.ended(pod, sh('echo out; echo err >&2', { tty: true }));

    expect(await wordsOf(logPath)).toEqual(['stdout F out\r', 'stdout F err\r']);
  });

  it('says what StopContainer and RemoveContainer have ended', async () => {
    const script = 'trap "seq 2000; exit" TERM; echo ready; sleep 60 & wait';
    const stopped = await pods.started(pod, sh(script, { logPath: 'stopped.log' }));
    await untilLines(`${pod.config.logDirectory}/stopped.log`, 1);
    await shim.call(Runtime.stopContainer, { containerId: stopped, timeout: 10n });
    expect(await wordsOf(`${pod.config.logDirectory}/stopped.log`)).toHaveLength(2001);

    const removed = await pods.started(pod, sh('seq 5000; touch /tmp/said; sleep 60', { logPath: 'removed.log' }));
    await pods.script(removed, 'until [ -e /tmp/said ]; do :; done');
    await remove(removed);
    expect(await wordsOf(`${pod.config.logDirectory}/removed.log`)).toHaveLength(5000);
  });

  it('follows the kubelet’s rename when it is reopened, and not before', async () => {
    const id = await pods.started(pod, speaker('rotated.log'));
    const path = `${pod.config.logDirectory}/rotated.log`;

    await say(id, 'one');
    await untilLines(path, 1);
    await rename(path, `${path}.1`);
    await say(id, 'two');
    await untilLines(`${path}.1`, 2);
    await reopen(id);
    expect(await linesOf(path)).toEqual([]);
    await say(id, 'three');
    await untilLines(path, 1);

    expect(await wordsOf(`${path}.1`)).toEqual(['stdout F one', 'stdout F two']);
    expect(await wordsOf(path)).toEqual(['stdout F three']);
    await reopen(id);
    expect(await wordsOf(path)).toEqual(['stdout F three']);

    await shim.call(Runtime.stopContainer, { containerId: id, timeout: 0n });
    await expect(reopen(id)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /does not run/));
    await expect(reopen('e'.repeat(64))).rejects.toMatchObject(refusal('NOT_FOUND'));
  });

  it('goes on where it was when the shim comes back', async () => {
    const id = await pods.started(pod, speaker('on.log'));
    const path = `${pod.config.logDirectory}/on.log`;
    await say(id, 'before');
    await untilLines(path, 1);

    await shim.restart(async () => void (await say(id, 'meanwhile')));
    await say(id, 'after');

    expect(await untilLines(path, 3)).toEqual(['stdout F before', 'stdout F meanwhile', 'stdout F after']);
  });

  it('goes on when somebody else starts the container again, be there a shim or not', async () => {
    const { id, logPath } = await pods.ended(pod, sh('echo out'));
    const run = async (number: number): Promise<void> => {
      await docker('start', id);
      await docker('wait', id);
      expect(await untilLines(logPath, number)).toEqual(Array.from({ length: number }, () => 'stdout F out'));
    };
    await run(2);
    await run(3);
    await shim.restart(async () => void (await docker('start', '--attach', id)));
    await untilLines(logPath, 4);
    await run(5);
  });

  it('is appended to a file that is there, and replaces a link to Docker’s', async () => {
    const { logDirectory } = pod.config;
    await mkdir(logDirectory, { recursive: true });
    await writeFile(`${logDirectory}/file.log`, 'before\n');
    await symlink(`/var/lib/docker/containers/x/${'1'.repeat(64)}-json.log`, `${logDirectory}/link.log`);

    await pods.ended(pod, sh('echo out', { logPath: 'file.log' }));
    await pods.ended(pod, sh('echo out', { logPath: 'link.log' }));

    expect(await linesOf(`${logDirectory}/file.log`)).toEqual(['before', expect.stringMatching(/ stdout F out$/)]);
    expect(await wordsOf(`${logDirectory}/link.log`)).toEqual(['stdout F out']);
  });

  it('never follows another link', async () => {
    const id = await pods.create(pod, { logPath: 'astray.log' });
    const { logPath } = await pods.status(id);
    await writeFile(`${shim.directory}/precious`, 'precious');
    await symlink(`${shim.directory}/precious`, logPath);

    await expect(shim.call(Runtime.startContainer, { containerId: id })).rejects.toMatchObject(
      refusal('FAILED_PRECONDITION', /astray\.log is in the way/),
    );
    expect(await readFile(`${shim.directory}/precious`, 'utf8')).toBe('precious');
  });

  it('is nowhere when the client wants none', async () => {
    const { id, logPath } = await pods.ended(pod, sh('true', { logPath: '' }));

    expect(logPath).toBe('');
    expect((await inspect(id)).HostConfig.LogConfig).toMatchObject({ Type: 'json-file', Config: { 'max-file': '8' } });
  });
});

describe('as a link', () => {
  beforeAll(async () => {
    shim = await ShimUnderTest.start('--container-logs=link');
    pods = await TestPods.over(shim);
    pod = await pods.run();
  });

  afterAll(() => shim.stop());

  it("leads to Docker's log until the container is removed", async () => {
    const { id, logPath } = await pods.ended(pod, sh('echo out', { logPath: 'deep/0.log' }));

    expect(JSON.parse(await readFile(logPath, 'utf8'))).toMatchObject({ log: 'out\n', stream: 'stdout' });
    await remove(id);
    await expect(lstat(logPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of the next attempt takes the place of the last one’s, and stays when that one is removed', async () => {
    const first = await pods.ended(pod, sh('true', { metadata: { name: 'again', attempt: 0 }, logPath: 'again.log' }));
    const next = await pods.ended(pod, sh('true', { metadata: { name: 'again', attempt: 1 }, logPath: 'again.log' }));

    await remove(first.id);

    expect(await readlink(next.logPath)).toContain(next.id);
  });

  it('never takes the place of a file', async () => {
    const id = await pods.create(pod, { logPath: 'precious.log' });
    const { logPath } = await pods.status(id);
    await writeFile(logPath, 'precious');

    await expect(shim.call(Runtime.startContainer, { containerId: id })).rejects.toMatchObject(
      refusal('FAILED_PRECONDITION', /precious\.log is in the way/),
    );
    await remove(id);

    expect(await readFile(logPath, 'utf8')).toBe('precious');
  });

  it("can't be reopened", async () => {
    const id = await pods.started(pod);

    await expect(reopen(id)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /is Docker's own/));
  });
});
