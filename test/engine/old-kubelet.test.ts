import {
  ContainerState as NewContainerState,
  RuntimeServiceService as NewRuntime,
} from '../../generated/runtime/v1/api';
import {
  ContainerConfig,
  ContainerState,
  CreateContainerRequest,
  ImageServiceService as Images,
  ListContainersRequest,
  ListPodSandboxRequest,
  MountPropagation,
  NamespaceMode,
  PodSandboxConfig,
  PodSandboxState,
  Protocol,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
  UpdateContainerResourcesRequest,
  UpdateRuntimeConfigRequest,
} from '../../generated/runtime/v1alpha2/api';
import { CriClient } from '../support/cri-client';
import { docker, exists, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** A kubelet of 1.20 to 1.25: CRI v1alpha2 in its own messages, and the socket's path as `:authority`. */
jest.setTimeout(60_000);

const MIB = 1024n * 1024n;

let shim: ShimUnderTest;
let pods: TestPods;
let kubelet: CriClient;
let sandboxConfig: PodSandboxConfig;
let podSandboxId: string;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  kubelet = new CriClient(shim.socketPath, shim.socketPath);
  sandboxConfig = PodSandboxConfig.fromPartial({
    metadata: { name: 'old', namespace: shim.runName, uid: 'old-uid', attempt: 2 },
    hostname: 'old-host',
    logDirectory: `${shim.directory}/logs/old`,
    dnsConfig: { servers: ['10.96.0.10'], searches: ['local'] },
    portMappings: [{ protocol: Protocol.UDP, containerPort: 53 }],
    labels: { app: 'old' },
    annotations: { note: 'kept' },
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } },
  });
  const request = RunPodSandboxRequest.fromPartial({ config: sandboxConfig });
  podSandboxId = (await kubelet.call(Runtime.runPodSandbox, request)).podSandboxId;
});

afterAll(async () => {
  kubelet.close();
  await shim.stop();
});

async function create(parts: Parameters<typeof ContainerConfig.fromPartial>[0]): Promise<string> {
  const config = ContainerConfig.fromPartial({ image: { image: pods.image }, command: ['sleep', '3600'], ...parts });
  const request = CreateContainerRequest.fromPartial({ podSandboxId, config, sandboxConfig });
  return (await kubelet.call(Runtime.createContainer, request)).containerId;
}

const start = (containerId: string) => kubelet.call(Runtime.startContainer, { containerId });

it("finds a runtime called docker, and of the engine's API a version that it lets pods with no_new_privs run on", async () => {
  const answer = await kubelet.call(Runtime.version, { version: '0.1.0' });
  expect(answer).toMatchObject({ version: '0.1.0', runtimeName: 'docker' });
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)\.\d+$/.exec(answer.runtimeApiVersion) ?? [];
  // The other admission is that of pods with an unmasked /proc.
  expect(Number(major)).toBe(1);
  expect(Number(minor)).toBeGreaterThanOrEqual(38);
});

it('learns that the runtime and the network are ready', async () => {
  const { status } = await kubelet.call(Runtime.status, { verbose: false });

  expect(status?.conditions.map(({ type, status: ready }) => [type, ready])).toEqual([
    ['RuntimeReady', true],
    ['NetworkReady', true],
  ]);
});

it('tells the addresses of its pods', async () => {
  const runtimeConfig = { networkConfig: { podCidr: '10.244.0.0/24' } };

  const answer = await kubelet.call(
    Runtime.updateRuntimeConfig,
    UpdateRuntimeConfigRequest.fromPartial({ runtimeConfig }),
  );

  expect(answer).toEqual({});
});

it('sees its pod', async () => {
  const { status } = await kubelet.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
  const filter = { labelSelector: { app: 'old' }, state: { state: PodSandboxState.SANDBOX_READY } };
  const { items } = await kubelet.call(Runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({ filter }));

  const shown = {
    id: podSandboxId,
    metadata: { name: 'old', namespace: shim.runName, uid: 'old-uid', attempt: 2 },
    state: PodSandboxState.SANDBOX_READY,
    labels: { app: 'old' },
    annotations: { note: 'kept' },
    createdAt: status?.createdAt,
  };
  expect(status).toMatchObject({ ...shown, network: { ip: expect.stringMatching(/^\d+\./) } });
  expect(items.filter(({ id }) => id === podSandboxId)).toEqual([expect.objectContaining(shown)]);
});

it('makes a container, runs commands in it, changes its limits, stops and removes it', async () => {
  const id = await create({
    metadata: { name: 'app', attempt: 3 },
    envs: [{ key: 'GREETING', value: 'hello' }],
    mounts: [
      {
        hostPath: shim.directory,
        containerPath: '/data',
        readonly: true,
        propagation: MountPropagation.PROPAGATION_PRIVATE,
      },
    ],
    labels: { tier: 'one' },
    logPath: 'app.log',
    linux: {
      resources: { cpuShares: 200n, memoryLimitInBytes: 64n * MIB, oomScoreAdj: 900n },
      securityContext: { runAsUser: { value: 77n }, namespaceOptions: { pid: NamespaceMode.CONTAINER } },
    },
  });
  await start(id);

  const script =
    'echo $GREETING; id -u; hostname; cat /etc/resolv.conf; touch /data/x 2>/dev/null || echo refused; exit 4';
  const answer = await kubelet.call(Runtime.execSync, { containerId: id, cmd: ['sh', '-c', script], timeout: 10n });
  expect({ ...answer, stdout: answer.stdout.toString() }).toEqual({
    stdout: 'hello\n77\nold-host\nnameserver 10.96.0.10\nsearch local\nrefused\n',
    stderr: Buffer.alloc(0),
    exitCode: 4,
  });

  const resources = { containerId: id, linux: { cpuShares: 300n, memoryLimitInBytes: 96n * MIB } };
  await kubelet.call(Runtime.updateContainerResources, UpdateContainerResourcesRequest.fromPartial(resources));
  expect((await inspect(id)).HostConfig).toMatchObject({ CpuShares: 300, Memory: Number(96n * MIB) });

  const { status } = await kubelet.call(Runtime.containerStatus, { containerId: id, verbose: false });
  expect(status).toMatchObject({
    id,
    metadata: { name: 'app', attempt: 3 },
    state: ContainerState.CONTAINER_RUNNING,
    image: { image: pods.image },
    imageRef: expect.stringMatching(/^docker:\/\/sha256:/),
    labels: { tier: 'one' },
    mounts: [{ hostPath: shim.directory, containerPath: '/data', readonly: true }],
    logPath: `${shim.directory}/logs/old/app.log`,
  });

  const filter = { podSandboxId, labelSelector: { tier: 'one' } };
  const { containers } = await kubelet.call(Runtime.listContainers, ListContainersRequest.fromPartial({ filter }));
  expect(containers).toEqual([
    expect.objectContaining({
      id,
      podSandboxId,
      state: ContainerState.CONTAINER_RUNNING,
      createdAt: status?.createdAt,
    }),
  ]);

  await kubelet.call(Runtime.stopContainer, { containerId: id, timeout: 0n });
  await kubelet.call(Runtime.removeContainer, { containerId: id });
  expect(await exists(id)).toBe(false);
});

it('sees what another client makes in v1, and the other way round', async () => {
  const id = await create({ metadata: { name: 'shared' } });
  await start(id);

  expect(await pods.status(id)).toMatchObject({ id, state: NewContainerState.CONTAINER_RUNNING });
  await shim.call(NewRuntime.stopContainer, { containerId: id, timeout: 0n });

  const { status } = await kubelet.call(Runtime.containerStatus, { containerId: id, verbose: false });
  expect(status).toMatchObject({ state: ContainerState.CONTAINER_EXITED, reason: 'Error' });
});

it('sees images', async () => {
  const id = await docker('image', 'inspect', '--format', '{{.Id}}', pods.image);

  const { images } = await kubelet.call(Images.listImages, { filter: undefined });
  const { image } = await kubelet.call(Images.imageStatus, {
    image: { image: pods.image, annotations: {} },
    verbose: false,
  });
  const { imageFilesystems } = await kubelet.call(Images.imageFsInfo, {});

  expect(images.map((one) => one.id)).toContain(id);
  expect(image).toMatchObject({ id, repoTags: [pods.image] });
  expect(image?.size).toBeGreaterThan(0n);
  expect(imageFilesystems.length).toBe(1);
});

it('gets codes and sentences as others do', async () => {
  const call = kubelet.call(Runtime.containerStatus, { containerId: 'e'.repeat(64), verbose: false });

  await expect(call).rejects.toMatchObject(refusal('NOT_FOUND', /no container/));
});

it('has no calls that came after its time', async () => {
  const later = { ...NewRuntime.runtimeConfig, path: '/runtime.v1alpha2.RuntimeService/RuntimeConfig' };

  await expect(kubelet.call(later, {})).rejects.toMatchObject(refusal('UNIMPLEMENTED'));
});

it('stops and removes its pod with what is in it', async () => {
  const member = await create({ metadata: { name: 'last' } });
  await start(member);

  await kubelet.call(Runtime.stopPodSandbox, { podSandboxId });
  const { status } = await kubelet.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
  expect(status?.state).toBe(PodSandboxState.SANDBOX_NOTREADY);

  await kubelet.call(Runtime.removePodSandbox, { podSandboxId });
  expect(await Promise.all([podSandboxId, member].map(exists))).toEqual([false, false]);
});
