import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** `npm run cri`, with the files of deploy/examples, as the README shows it. */
jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');

let shim: ShimUnderTest;
let podFile: string;
let containerFile: string;

/** The example with other values, so that the run is told from others on this engine, and needs no registry. */
async function changed(example: string, change: object): Promise<string> {
  const json = JSON.parse(await readFile(join(ROOT, 'deploy/examples', example), 'utf8')) as object;
  const file = join(shim.directory, example);
  await writeFile(file, JSON.stringify({ ...json, ...change }));
  return file;
}

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  const { image } = await TestPods.over(shim);
  const metadata = { name: 'hello', namespace: shim.runName, uid: 'hello-1', attempt: 0 };
  podFile = await changed('pod.json', { metadata, log_directory: join(shim.directory, 'logs') });
  containerFile = await changed('container.json', {
    image: { image },
    command: ['sleep', '3600'],
    envs: [{ key: 'GREETING', value: 'hello' }],
    linux: { resources: { cpu_shares: 128 } },
  });
});

afterAll(() => shim.stop());

function cri(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const script = [join(ROOT, 'scripts/cri.mjs'), '--runtime-endpoint', `unix://${shim.socketPath}`];
    const child = spawn(process.execPath, [...script, ...args], { cwd: ROOT });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: stdout.trim(), stderr: stderr.trim() }));
  });
}

it('runs a pod and a container, looks at them and takes them away again', async () => {
  const { stdout: pod } = await cri('runp', podFile);
  const { stdout: container } = await cri('create', pod, containerFile, podFile);
  await cri('start', container);

  expect((await cri('pods')).stdout).toMatch(
    new RegExp(`^${pod.slice(0, 13)} .*ready +hello +${shim.runName} +0$`, 'm'),
  );
  expect((await cri('ps')).stdout).toMatch(new RegExp(`^${container.slice(0, 13)} .*running +clock +0 `, 'm'));
  expect(await cri('exec', '--sync', container, 'sh', '-c', 'echo $GREETING; echo err >&2; exit 3')).toEqual({
    code: 3,
    stdout: 'hello',
    stderr: 'err',
  });

  await cri('stop', container);
  await cri('rm', container);
  expect(await exists(container)).toBe(false);
  await cri('stopp', pod);
  await cri('rmp', pod);
  expect(await exists(pod)).toBe(false);
});

it.each([
  ['a refused call', ['start', 'e'.repeat(64)], /^5 NOT_FOUND: there is no container/],
  ['an unknown command', ['fly'], /^The commands are version, /],
])('fails with a sentence: %s', async (_what, args, sentence) => {
  expect(await cri(...args)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
});

it('fails with the name of a field that CRI does not have', async () => {
  const file = await changed('pod.json', { hostName: 'camel' });

  expect((await cri('runp', file)).stderr).toMatch(/^PodSandboxConfig has no field hostName: it has .*hostname/);
});
