import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RuntimeServiceService as runtime } from '../../generated/runtime/v1/api';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** `dockershim pods` of the bundle, beside a shim that runs pods. */
jest.setTimeout(120_000);

const BUNDLE = join(__dirname, '../../dist/dockershim.js');

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

function start(...args: string[]) {
  const flags = ['--config=/dev/null', `--container-runtime-endpoint=unix://${shim.socketPath}`];
  const child = spawn(process.execPath, [BUNDLE, 'pods', ...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const output = child.stdout.setEncoding('utf8').on('data', (part: string) => (said += part));
  return { child, output, said: () => said };
}

async function podsCommand(...args: string[]): Promise<string> {
  const { child, said } = start(...args);
  expect(await once(child, 'close')).toEqual([0, null]);
  return said();
}

it('shows pods and their containers, once and live', async () => {
  const pod = await pods.run();
  const name = pod.config.metadata?.name ?? '';
  const running = await pods.status(await pods.started(pod));
  const failed = await pods.ended(pod, { command: ['sh', '-c', 'exit 7'] });
  const ip = (await pods.sandboxStatus(pod.id)).network?.ip ?? 'none';

  const table = await podsCommand();
  expect(table.split('\n')[0]).toMatch(/^POD, CONTAINER +STATE +RESTARTS +AGE +LOG LAG +ADDRESS, IMAGE$/);
  expect(table).toMatch(new RegExp(`^${shim.runName}/${name} +ready +0 +\\w+ +${ip}$`, 'm'));
  expect(table).toMatch(new RegExp(`^  ${running.metadata?.name} +running +0 +\\w+ +(\\d+ B +)?${pods.image}$`, 'm'));
  expect(table).toMatch(new RegExp(`^  ${failed.metadata?.name} +exited 7 +0 +\\w+ +${pods.image}$`, 'm'));

  const all = JSON.parse(await podsCommand('--json')) as { id: string; containers: { id: string }[] }[];
  const shown = all.find(({ id }) => id === pod.id);
  expect(shown).toMatchObject({ state: 'ready', addresses: [ip] });
  expect(shown?.containers.map(({ id }) => id).sort()).toEqual([running.id, failed.id].sort());

  const { child, output, said } = start('--watch');
  const shows = (state: string) => new RegExp(`/${name} +${state} `).test(said());
  while (!shows('ready')) await once(output, 'data');
  await shim.call(runtime.stopPodSandbox, { podSandboxId: pod.id });
  while (!shows('notready')) await once(output, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
});

it('goes on with JSON when the shim is restarted', async () => {
  const { child, output, said } = start('--watch', '--json');
  const whole = (): number => said().split('\n').length - 1;
  while (whole() < 1) await once(output, 'data');
  let told = '';
  await shim.restart(async () => {
    while (!/^dockershim: no shim answers on .*; looking again in \d+ s$/m.test(told)) {
      told += String((await once(child.stderr, 'data'))[0]);
    }
  });
  const before = whole();
  while (whole() === before) await once(output, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
  for (const line of said().trim().split('\n')) expect(JSON.parse(line)).toBeInstanceOf(Array);
});
