import { EngineConnection } from '../../../src/docker/connection';
import { DockerodeEngine } from '../../../src/docker/dockerode-engine';
import { engineFacts, type EngineFacts } from '../../../src/docker/engine-facts';
import { aCall } from '../../support/a-call';
import { FakeEngine, hangUp, json } from '../../support/fake-engine';
import { refusalOf } from '../../support/refusal';
import { until } from '../../support/until';

const OLD = {
  DockerRootDir: '/var/lib/docker',
  CgroupDriver: 'cgroupfs',
  LoggingDriver: 'json-file',
  Runtimes: { runc: {}, kata: {} },
  DefaultRuntime: 'runc',
};
const NEW = { ...OLD, CgroupDriver: 'systemd' };
const newer = { ApiVersion: '1.47', MinAPIVersion: '1.24', Version: '27.0.1' };

let fake: FakeEngine;
let connection: EngineConnection;
let get: () => Promise<EngineFacts>;
let last: () => Promise<EngineFacts>;

beforeEach(async () => {
  fake = new FakeEngine();
  fake.offer = { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10.24' };
  await fake.start();
  fake.on('GET /info', json(OLD));
  connection = new EngineConnection(fake.socketPath);
  const facts = engineFacts(new DockerodeEngine(connection));
  get = () => facts.get(aCall().ctx);
  last = () => facts.last(aCall().ctx);
});

afterEach(async () => {
  jest.restoreAllMocks();
  connection.close();
  await fake.remove();
});

test('they are the engine’s words', async () => {
  expect(await get()).toEqual({
    version: '20.10.24',
    apiVersion: '1.41',
    rootDirectory: '/var/lib/docker',
    layerRoots: ['/var/lib/docker'],
    imagesInContainerd: false,
    cgroupDriver: 'cgroupfs',
    loggingDriver: 'json-file',
    runtimes: { names: ['runc', 'kata'], default: 'runc', recursiveReadOnly: [] },
    readOnlyReach: false,
    imageMounts: false,
    cdi: false,
    cgroupV2: false,
    swapLimit: false,
    selinux: false,
    remapsUsers: false,
    appArmor: false,
    seccomp: false,
  });
});

test('what it confines processes with is in a list of its own', async () => {
  fake.on(
    'GET /info',
    json({ ...OLD, SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=userns'] }),
  );
  expect(await get()).toMatchObject({ selinux: false, remapsUsers: true, appArmor: true, seccomp: true });
});

test('they are asked for once by many, and not again while they are fresh', async () => {
  await Promise.all(Array.from({ length: 20 }, get));
  await get();
  expect(fake.count('GET /info')).toBe(1);
});

test('they are asked for again after half a minute: runtimes change without a restart', async () => {
  await get();
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 29_000);
  await get();
  expect(fake.count('GET /info')).toBe(1);
  clock.mockReturnValue(now + 31_000);
  await get();
  expect(fake.count('GET /info')).toBe(2);
});

test('those that were known last are had at once, however old, but not those of another engine', async () => {
  const known = await last();
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);
  fake.on('GET /info', () => undefined);
  expect(await last()).toBe(known);
  await until(() => fake.count('GET /info') === 2);

  const { generation } = connection;
  fake.on('GET /info', json(NEW));
  fake.hangUp();
  await until(() => connection.generation !== generation);
  expect(await last()).toMatchObject({ cgroupDriver: 'systemd' });
  clock.mockRestore();
});

test('the many who come after a restart share one question', async () => {
  await get();
  const { generation } = connection;
  fake.hangUp();
  await until(() => connection.generation !== generation);
  await Promise.all(Array.from({ length: 20 }, last));
  expect(fake.count('GET /info')).toBe(2);
});

test('they are asked for again as soon as the engine was restarted', async () => {
  await get();
  const { generation } = connection;
  await fake.stop();
  await until(() => connection.generation !== generation);
  expect(await refusalOf(get())).toMatch(/^Unavailable: no Docker Engine listens/);
  fake.offer = newer;
  fake.on('GET /info', json(NEW));
  await fake.start();
  expect(await get()).toMatchObject({
    version: '27.0.1',
    apiVersion: '1.47',
    cgroupDriver: 'systemd',
    readOnlyReach: true,
    imageMounts: false,
  });
});

describe('what an engine can do', () => {
  const told = (mountOptions: unknown) => ({
    status: { 'org.opencontainers.runtime-spec.features': JSON.stringify({ mountOptions }) },
  });
  const Runtimes = {
    runc: told(['ro', 'rro']),
    old: told(['ro']),
    odd: told('rro'),
    silent: {},
    garbage: { status: { 'org.opencontainers.runtime-spec.features': '{' } },
  };
  const able = { ...OLD, Runtimes, KernelVersion: '6.1.0-18-amd64', CDISpecDirs: ['/etc/cdi'], SwapLimit: true };

  async function factsOf(info: object, ApiVersion: string, Version = '28.0.0'): Promise<EngineFacts> {
    fake.offer = { ApiVersion, MinAPIVersion: '1.24', Version };
    fake.on('GET /info', json(info));
    return await get();
  }

  test.each([
    ['28.5.2+dfsg4', true],
    ['29.0.0', false],
    ['29.0.4', false],
    ['29.1.3', false],
    ['29.1.4', true],
    ['29.1.10', true],
    ['29.10.0', true],
    ['30.0.0', true],
  ])('Docker %s can mount images: %s', async (version, able29) => {
    expect(await factsOf(able, '1.51', version)).toMatchObject({ imageMounts: able29 });
  });

  test('is told by its API, its kernel and its runtimes', async () => {
    expect(await factsOf(able, '1.48')).toMatchObject({
      runtimes: { recursiveReadOnly: ['runc'] },
      readOnlyReach: true,
      imageMounts: true,
      cdi: true,
      swapLimit: true,
    });
  });

  test.each([
    ['5.12.0', '1.44', ['runc']],
    ['5.11.22', '1.44', []],
    ['10.0', '1.44', ['runc']],
    ['', '1.44', []],
    ['6.1.0', '1.43', []],
  ])('on the kernel %j with API %s: recursive read-only in %j', async (KernelVersion, api, runtimes) => {
    expect((await factsOf({ ...able, KernelVersion }, api)).runtimes.recursiveReadOnly).toEqual(runtimes);
  });

  test('has no CDI where no directory was named for it', async () => {
    expect((await factsOf({ ...able, CDISpecDirs: [] }, '1.48')).cdi).toBe(false);
  });
});

test('facts of an engine that went while it was asked are not kept', async () => {
  await get();
  fake.hangUp();
  const { generation } = connection;
  await until(() => connection.generation !== generation);
  let asked = 0;
  fake.on('GET /info', (request, reply) => {
    asked += 1;
    if (asked > 1) return json(NEW)(request, reply);
    json(OLD)(request, reply);
    reply.on('finish', () => fake.hangUp());
  });
  // The first answer may come through or not: what the next one says is the truth.
  await get().catch(() => undefined);
  await until(() => fake.openConnections === 0 || asked > 1);
  expect(await get()).toMatchObject({ cgroupDriver: 'systemd' });
});

test('a failure is not kept', async () => {
  fake.on('GET /info', hangUp);
  expect(await refusalOf(get())).toMatch(/^Unavailable: /);
  fake.on('GET /info', json(OLD));
  expect(await get()).toMatchObject({ cgroupDriver: 'cgroupfs' });
});
