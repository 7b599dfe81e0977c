import { buildSync } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService as Health,
} from '../../generated/grpc/health/v1/health';
import {
  ImageServiceService as images,
  RuntimeServiceService as runtime,
  type StatusResponse,
} from '../../generated/runtime/v1/api';
import { CriClient } from '../support/cri-client';
import { FakeEngine, json, silence } from '../support/fake-engine';
import { refusal } from '../support/grpc-refusal';
import { until } from '../support/until';

/** The daemon as a process of its own, in front of an engine that comes, goes and hangs as a test wants. */
const ROOT = join(__dirname, '../..');
const INFO = { DockerRootDir: '/var/lib/docker', CgroupDriver: 'cgroupfs', LoggingDriver: 'json-file' };

let built: string;
let directory: string;
let engine: FakeEngine;
let socketPath: string;
let cri: CriClient;
let child: ChildProcess;
let said: string;

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'main-'));
  buildSync({
    entryPoints: [join(ROOT, 'src/main.ts')],
    outfile: join(built, 'dockershim.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    // What the real bundle leaves out as well, and for the same reason.
    alias: { 'docker-modem': join(ROOT, 'src/docker/modem.ts') },
    logLevel: 'error',
  });
});

afterAll(() => rmSync(built, { recursive: true }));

beforeEach(() => {
  directory = mkdtempSync(join(built, 'test-'));
  socketPath = join(directory, 'cri.sock');
  engine = new FakeEngine();
  engine.on('GET /info', json(INFO));
  cri = new CriClient(socketPath);
});

afterEach(async () => {
  cri.close();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await engine.remove();
});

async function serve(...flags: string[]): Promise<void> {
  const own = [
    `--container-runtime-endpoint=unix://${socketPath}`,
    `--docker-endpoint=unix://${engine.socketPath}`,
    `--root-directory=${join(directory, 'root')}`,
    // The cleaning up of pods on CNI networks asks the engine too, and the tests count.
    '--network-plugin=bridge',
    `--cri-dockerd-root-directory=${join(directory, 'cri-dockerd')}`,
    `--cni-cache-dir=${join(directory, 'cni-cache')}`,
  ];
  const args = [join(built, 'dockershim.js'), 'serve', ...own, ...flags];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes('serving CRI') || child.exitCode !== null);
}

const version = (): Promise<string> =>
  cri.call(runtime.version, { version: '' }).then(({ runtimeVersion }) => runtimeVersion);

async function runtimeReady(): Promise<NonNullable<StatusResponse['status']>['conditions'][number] | undefined> {
  const { status } = await cri.call(runtime.status, { verbose: false });
  return status?.conditions.find(({ type }) => type === 'RuntimeReady');
}

/** How the process ended: its status, or the signal's name. */
async function ended(): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

/** A call that waits until `release` lets the engine answer; no other part of the shim asks the same of it. */
async function callUnderWay(): Promise<{ answer: Promise<unknown>; release: () => void }> {
  let release: (() => void) | undefined;
  engine.on('POST /images/create', (request, reply) => {
    release = () => json({ message: 'manifest unknown: busybox:1 is not there' }, 404)(request, reply);
  });
  const image = { image: 'busybox:1', annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
  const answer = cri.call(images.pullImage, { image, auth: undefined, sandboxConfig: undefined });
  answer.catch(() => undefined);
  await until(() => release !== undefined);
  return { answer, release: () => release?.() };
}

describe('without an engine', () => {
  beforeEach(() => serve());

  test('it serves: Status tells the reason, other calls are Unavailable', async () => {
    expect(await runtimeReady()).toEqual({
      type: 'RuntimeReady',
      status: false,
      reason: 'DockerNotReady',
      message: `no Docker Engine listens on ${engine.socketPath}: start it (systemctl start docker)`,
    });
    await expect(version()).rejects.toMatchObject(refusal('UNAVAILABLE', /^no Docker Engine listens on .*: start it/));
  });

  test('it needs no restart when one comes, goes, and comes back as another', async () => {
    await expect(version()).rejects.toMatchObject(refusal('UNAVAILABLE'));
    await engine.start();
    expect(await version()).toBe('26.1.4');
    expect(await runtimeReady()).toMatchObject({ status: true, reason: '' });
    await engine.stop();
    expect(await runtimeReady()).toMatchObject({ status: false, reason: 'DockerNotReady' });
    engine.offer = { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10.24' };
    const asked = engine.seen.length;
    await engine.start();
    expect(await version()).toBe('20.10.24');
    const urls = engine.seen.slice(asked).map(({ url }) => url);
    expect(urls.filter((url) => !/^\/(version$|v1\.41\/)/.test(url))).toEqual([]);
    expect(urls).toContain('/version');
  });
});

test('SIGUSR1 opens no debugger', async () => {
  await serve();
  child.kill('SIGUSR1');
  // Node says so at once; the answer comes after it has had the signal.
  await expect(version()).rejects.toMatchObject(refusal('UNAVAILABLE'));
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  expect(said).not.toMatch(/debugger/i);
});

test('an engine that is too old is no reason to die either', async () => {
  engine.offer = { ApiVersion: '1.40', MinAPIVersion: '1.12', Version: '19.3.0' };
  await engine.start();
  await serve();
  expect(await runtimeReady()).toMatchObject({ status: false, message: expect.stringMatching(/API 1.40 at most/) });
  await expect(version()).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /upgrade the engine/));
});

describe('SIGTERM', () => {
  beforeEach(() => engine.start());

  test('ends an idle shim, whose clients are connected, with status 0', async () => {
    await serve();
    await version();
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });

  test('lets a call under way finish', async () => {
    await serve();
    const { answer, release } = await callUnderWay();
    child.kill('SIGTERM');
    await until(() => !existsSync(socketPath));
    release();
    // What the engine said, and not that the call was cut.
    await expect(answer).rejects.toMatchObject(refusal('NOT_FOUND', /manifest unknown/));
    expect(await ended()).toBe(0);
  });

  test('cuts a call that takes longer than the grace', async () => {
    await serve('--shutdown-grace=100ms');
    const { answer } = await callUnderWay();
    child.kill('SIGTERM');
    await expect(answer).rejects.toMatchObject({ code: expect.any(Number) });
    expect(await ended()).toBe(0);
  });

  test('is not held up by who watches its health', async () => {
    await serve('--shutdown-grace=1h');
    const told: Serving[] = [];
    for await (const { status } of cri.stream(Health.watch, { service: '' })) {
      // A second signal would end it at once.
      if (told.push(status) === 1) child.kill('SIGTERM');
    }
    expect(told).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
    expect(await ended()).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('a second one, %s, ends it at once', async (second) => {
    await serve('--shutdown-grace=1h');
    await callUnderWay();
    child.kill('SIGTERM');
    await until(() => said.includes('ending'));
    child.kill(second);
    expect(await ended()).toBe(second);
  });

  test('ends a shim whose engine hangs', async () => {
    engine.on('GET /version', silence);
    await serve('--shutdown-grace=100ms');
    const answer = version().catch((error: unknown) => error);
    await until(() => engine.count('GET /version') === 1);
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(await answer).toMatchObject({ code: expect.any(Number) });
  });
});
