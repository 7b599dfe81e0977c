import { copyFile, readFile } from 'node:fs/promises';
import { EngineConnection } from '../../src/docker/connection';
import { DockerodeEngine } from '../../src/docker/dockerode-engine';
import { silentLog } from '../../src/lib/log';
import { ContainerLogs } from '../../src/logs/container-logs';
import { LogOffsets } from '../../src/store/log-offsets';
import { aCall } from '../support/a-call';
import { docker, ENGINE_SOCKET, importBusybox } from '../support/engine-under-test';
import { temporaryDirectory } from '../support/temporary-directory';

jest.setTimeout(60_000);

/** Logs of containers whose driver leaves no json-file, on the engine as it is: an engine has one driver for all its own. */
const image = `dockershim-test-${process.pid}-output/busybox:1`;
const root = temporaryDirectory();
let connection: EngineConnection;
let logs: ContainerLogs;
const containers: string[] = [];

beforeAll(() => importBusybox(image));
afterAll(() => docker('image', 'rm', image));

beforeEach(() => start());

afterEach(async () => {
  await stop();
  for (const id of containers.splice(0)) await docker('rm', '--force', id);
});

function start(): void {
  connection = new EngineConnection(ENGINE_SOCKET);
  logs = new ContainerLogs({
    engine: new DockerodeEngine(connection),
    offsets: new LogOffsets(root.path('offsets')),
    format: 'cri',
    log: silentLog,
  });
  logs.start();
}

async function stop(): Promise<void> {
  await logs.stop();
  connection.close();
}

/** Made, and its log begun. */
async function created(script: string, ...flags: string[]): Promise<string> {
  const id = await docker('create', '--log-driver', 'local', ...flags, image, 'sh', '-c', script);
  containers.push(id);
  const tty = flags.includes('--tty');
  const logPath = root.path('pod', '0.log');
  const toLog = { containerId: id, tty, logDriver: 'local', logPath, dockerRootDirectory: '/nowhere' };
  await logs.begin(toLog, aCall().ctx);
  return id;
}

const drained = (id: string) => logs.drained(id, aCall().ctx);
const lines = async () => (await readFile(root.path('pod', '0.log'), 'utf8')).split('\n').slice(0, -1);
const words = async () => (await lines()).map((line) => line.slice(line.indexOf(' ') + 1));

async function ended(script: string, ...flags: string[]): Promise<string[]> {
  const id = await created(script, ...flags);
  await docker('start', id);
  await docker('wait', id);
  await drained(id);
  return await words();
}

it('has both streams, with Docker’s times, and parts of long lines', async () => {
  const script =
    'echo out; sleep 0.1; echo err >&2; sleep 0.1; head -c 40000 /dev/zero | /bin/busybox tr "\\0" x; echo';
  const x = (length: number): string => 'x'.repeat(length);

  expect(await ended(script)).toEqual([
    'stdout F out',
    'stderr F err',
    `stdout P ${x(16_384)}`,
    `stdout P ${x(16_384)}`,
    `stdout F ${x(40_000 - 2 * 16_384)}`,
  ]);
  expect((await lines())[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F out$/);
});

it('of a terminal has stdout alone, and parts of long lines', async () => {
  const script = 'echo out; echo err >&2; head -c 20000 /dev/zero | /bin/busybox tr "\\0" x; echo';
  const x = (length: number): string => 'x'.repeat(length);

  const long = [`stdout P ${x(16_384)}`, `stdout F ${x(20_000 - 16_384)}\r`];
  expect(await ended(script, '--tty')).toEqual(['stdout F out\r', 'stdout F err\r', ...long]);
});

it('every line comes once and in order, over restarts, also what was written and not recorded', async () => {
  const script = 'for pause in 1 2 3 4 5 6 7 8 9; do seq 500; sleep 0.1; seq 501 1000 >&2; sleep 0.1; done';
  const id = await created(script);
  await docker('start', id);
  for (let restart = 0; restart < 4; restart += 1) {
    // As the shim would find it after a kill: the record is that of the beginning.
    await copyFile(root.path('offsets', id), root.path('record'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stop();
    if (restart % 2 === 0) await copyFile(root.path('record'), root.path('offsets', id));
    start();
  }
  await docker('wait', id);
  await drained(id);

  const round = Array.from({ length: 1000 }, (_, index) => `${index < 500 ? 'stdout' : 'stderr'} F ${index + 1}`);
  expect(await words()).toEqual(Array.from({ length: 9 }, () => round).flat());
});

it('ends with a container that is removed', async () => {
  const id = await created('echo out; sleep 60');
  await docker('start', id);
  while ((await lines()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await docker('rm', '--force', id);
  containers.length = 0;
  await drained(id);

  expect(await words()).toEqual(['stdout F out']);
});

it('ends with a container whose start failed, which Docker calls created', async () => {
  const id = await created('true', '--entrypoint', '/nowhere');
  await expect(docker('start', id)).rejects.toThrow();
  await drained(id);

  expect(logs.following).toBe(0);
});
