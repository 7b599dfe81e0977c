import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CgroupDriver,
  RuntimeServiceService as Runtime,
  UpdateRuntimeConfigRequest,
  type RuntimeCondition,
} from '../../generated/runtime/v1/api';
import { docker, ENGINE_SOCKET } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';

jest.setTimeout(60_000);

let shim: ShimUnderTest;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
});

afterAll(() => shim.stop());

async function conditions(of: ShimUnderTest): Promise<Record<string, RuntimeCondition>> {
  const { status } = await of.call(Runtime.status, { verbose: false });
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition]));
}

it('Version says docker, its version and that of its API, with three parts', async () => {
  expect(await shim.call(Runtime.version, { version: '0.1.0' })).toEqual({
    version: '0.1.0',
    runtimeName: 'docker',
    runtimeVersion: await docker('version', '--format', '{{.Server.Version}}'),
    runtimeApiVersion: expect.stringMatching(/^1\.\d+\.0$/) as string,
  });
});

describe('Status', () => {
  it('is ready, with both conditions', async () => {
    expect(await conditions(shim)).toEqual({
      RuntimeReady: { type: 'RuntimeReady', status: true, reason: '', message: '' },
      NetworkReady: { type: 'NetworkReady', status: true, reason: '', message: '' },
    });
  });

  it("names Docker's runtimes as handlers, the default one without a name, and advertises no more than there is", async () => {
    const { runtimeHandlers, features } = await shim.call(Runtime.status, { verbose: false });

    expect(runtimeHandlers.map(({ name }) => name)).toEqual(expect.arrayContaining(['', 'runc']));
    expect(runtimeHandlers.map((handler) => handler.features?.userNamespaces)).not.toContain(true);
    expect(features).toEqual({
      supplementalGroupsPolicy: true,
      userNamespacesHostNetwork: false,
      mountOptions: false,
    });
  });

  it('tells its configuration and its engine when it is asked to be verbose, as JSON', async () => {
    const quiet = await shim.call(Runtime.status, { verbose: false });
    const verbose = await shim.call(Runtime.status, { verbose: true });

    expect(quiet.info).toEqual({});
    expect(JSON.parse(verbose.info['config'] ?? '')).toMatchObject({
      dockerSocket: ENGINE_SOCKET,
      rootDirectory: shim.rootDirectory,
    });
    expect(JSON.parse(verbose.info['engine'] ?? '')).toMatchObject({
      version: await docker('version', '--format', '{{.Server.Version}}'),
    });
  });
});

it("RuntimeConfig answers the engine's cgroup driver", async () => {
  const { linux } = await shim.call(Runtime.runtimeConfig, {});

  const driver = await docker('info', '--format', '{{.CgroupDriver}}');
  expect(linux?.cgroupDriver).toBe(driver === 'systemd' ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS);
});

describe('UpdateRuntimeConfig', () => {
  const update = (podCidr: string) =>
    shim.call(
      Runtime.updateRuntimeConfig,
      UpdateRuntimeConfigRequest.fromPartial({ runtimeConfig: { networkConfig: { podCidr } } }),
    );

  it.each(['', '10.244.1.0/24', '10.244.1.0/24,fd00:10:244::/64'])('takes the pod CIDR %p', async (podCidr) => {
    expect(await update(podCidr)).toEqual({});
  });

  it('takes a request that says nothing', async () => {
    expect(await shim.call(Runtime.updateRuntimeConfig, { runtimeConfig: undefined })).toEqual({});
  });

  it.each(['10.244.1.0', 'everything', '10.0.0.0/8\n'])('refuses the pod CIDR %p', async (podCidr) => {
    await expect(update(podCidr)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /pod_cidr/));
  });
});

it('a call of the contract that is not built answers Unimplemented', async () => {
  const call = shim.call(Runtime.restorePod, Runtime.restorePod.requestDeserialize(Buffer.alloc(0)));

  await expect(call).rejects.toMatchObject(refusal('UNIMPLEMENTED'));
});

describe('without an engine', () => {
  let lonely: ShimUnderTest;
  let socket: string;

  beforeAll(async () => {
    socket = join(shim.directory, 'engine-to-come.sock');
    lonely = await ShimUnderTest.start(`--docker-endpoint=unix://${socket}`);
  });

  afterAll(() => lonely.stop());

  it('says so in Status and in the other calls, and is ready as soon as the engine is there', async () => {
    expect(await conditions(lonely)).toMatchObject({
      RuntimeReady: { status: false, reason: 'DockerNotReady', message: expect.stringContaining(socket) },
    });
    await expect(lonely.call(Runtime.version, { version: '' })).rejects.toMatchObject(
      refusal('UNAVAILABLE', /docker/i),
    );
    await expect(lonely.call(Runtime.listContainers, { filter: undefined })).rejects.toMatchObject(
      refusal('UNAVAILABLE', /start it/),
    );

    await symlink(ENGINE_SOCKET, socket);

    expect(await conditions(lonely)).toMatchObject({ RuntimeReady: { status: true } });
    expect(await lonely.call(Runtime.version, { version: '' })).toMatchObject({ runtimeName: 'docker' });
  });
});
