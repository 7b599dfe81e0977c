import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ContainerState,
  NamespaceMode,
  PodSandboxState,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { exists, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

const NOBODY = 'e'.repeat(64);

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

const stopPod = (podSandboxId: string) => shim.call(Runtime.stopPodSandbox, { podSandboxId });
const removePod = (podSandboxId: string) => shim.call(Runtime.removePodSandbox, { podSandboxId });
const checkpoints = () => readdir(shim.checkpointDirectory);

describe('RunPodSandbox', () => {
  it('answers the id of a running container, and leaves no run in its journal', async () => {
    const { id } = await pods.run();

    expect((await inspect(id)).State.Running).toBe(true);
    expect(await checkpoints()).toContain(id);
    expect(await readdir(join(shim.rootDirectory, 'running'))).toEqual([]);
  });

  it('answers the same id when it is called again', async () => {
    const pod = await pods.run();

    expect((await pods.runConfig(pod.config)).id).toBe(pod.id);
    expect((await inspect(pod.id)).State.Running).toBe(true);
  });

  it('makes one sandbox of two calls at the same time', async () => {
    const config = pods.config();

    const [one, other] = await Promise.all([pods.runConfig(config), pods.runConfig(config)]);

    expect(one.id).toBe(other.id);
  });

  it('makes another sandbox for the next attempt', async () => {
    const pod = await pods.run();
    const metadata = { ...pod.config.metadata, attempt: 1 };

    const next = await pods.run({ ...pod.config, metadata });

    expect(next.id).not.toBe(pod.id);
    expect((await pods.sandboxStatus(next.id)).metadata?.attempt).toBe(1);
  });
});

describe('PodSandboxStatus', () => {
  it('shows the address, the namespaces, the state and what the pod was made with', async () => {
    const pod = await pods.run({ labels: { app: 'web', 'k8s.io/x': '' }, annotations: { note: 'two words' } });

    const status = await pods.sandboxStatus(pod.id);

    const { NetworkSettings: network, Created: created } = await inspect(pod.id);
    expect(status).toMatchObject({
      id: pod.id,
      metadata: pod.config.metadata,
      state: PodSandboxState.SANDBOX_READY,
      labels: { app: 'web', 'k8s.io/x': '' },
      annotations: { note: 'two words' },
      network: { ip: network?.Networks?.['bridge']?.IPAddress },
      linux: { namespaces: { options: { network: NamespaceMode.POD, ipc: NamespaceMode.POD } } },
      runtimeHandler: '',
    });
    expect(status.network?.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(new Date(Number(status.createdAt / 1_000_000n)).toISOString().slice(0, 23)).toBe(created.slice(0, 23));
  });

  it('has information on Docker in it when it is asked to be verbose', async () => {
    const { id: podSandboxId } = await pods.run();

    const quiet = await shim.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
    const { info } = await shim.call(Runtime.podSandboxStatus, { podSandboxId, verbose: true });

    expect(quiet.info).toEqual({});
    expect(JSON.parse(info['info'] ?? '')).toMatchObject({ pid: (await inspect(podSandboxId)).State.Pid });
  });

  it('takes the beginning of an id', async () => {
    const { id } = await pods.run();

    expect(await pods.sandboxStatus(id.slice(0, 13))).toMatchObject({ id });
  });

  it('is NotFound for an unknown id, and for the id of a container', async () => {
    const container = await pods.create(await pods.run());

    await expect(pods.sandboxStatus(NOBODY)).rejects.toMatchObject(refusal('NOT_FOUND', /no pod sandbox/));
    await expect(pods.sandboxStatus(container)).rejects.toMatchObject(refusal('NOT_FOUND', /no pod sandbox/));
  });
});

describe('StopPodSandbox', () => {
  it('stops every container of the pod, at once, and then the sandbox', async () => {
    const pod = await pods.run();
    // In PID namespaces of their own: those in the pod's die with the sandbox anyway.
    const linux = { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } };
    const script = 'trap "" TERM; while :; do sleep 1; done';
    const deaf = await pods.started(pod, { command: ['sh', '-c', script], linux });
    const other = await pods.started(pod, { linux });
    const neverStarted = await pods.create(pod);

    await stopPod(pod.id);

    expect((await pods.status(deaf)).state).toBe(ContainerState.CONTAINER_EXITED);
    expect((await pods.status(other)).state).toBe(ContainerState.CONTAINER_EXITED);
    expect((await pods.status(neverStarted)).state).toBe(ContainerState.CONTAINER_CREATED);
    expect(await pods.sandboxStatus(pod.id)).toMatchObject({
      state: PodSandboxState.SANDBOX_NOTREADY,
      network: { ip: '', additionalIps: [] },
    });
  });

  it('leaves the containers of other pods alone', async () => {
    const other = await pods.started(await pods.run());
    const pod = await pods.run();

    await stopPod(pod.id);

    expect((await pods.status(other)).state).toBe(ContainerState.CONTAINER_RUNNING);
  });

  it('succeeds again and again, and for what was never there', async () => {
    const { id } = await pods.run();

    await stopPod(id);

    expect(await stopPod(id)).toEqual({});
    expect(await stopPod(NOBODY)).toEqual({});
  });

  it('leaves a sandbox that takes no more containers', async () => {
    const pod = await pods.run();
    await stopPod(pod.id);

    await expect(pods.create(pod)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /does not run/));
  });
});

describe('RemovePodSandbox', () => {
  it('removes the pod with its running containers and its checkpoint; their logs stay', async () => {
    const pod = await pods.run();
    const running = await pods.started(pod);
    const created = await pods.create(pod);
    const { logPath } = await pods.status(running);
    await access(logPath);

    await removePod(pod.id);

    expect(await Promise.all([pod.id, running, created].map(exists))).toEqual([false, false, false]);
    expect(await checkpoints()).not.toContain(pod.id);
    await access(logPath);
    await expect(pods.sandboxStatus(pod.id)).rejects.toMatchObject(refusal('NOT_FOUND'));
  });

  it('removes a stopped pod', async () => {
    const { id } = await pods.run();
    await stopPod(id);

    await removePod(id);

    expect(await exists(id)).toBe(false);
  });

  it('succeeds again and again, and for what was never there', async () => {
    const { id } = await pods.run();
    await removePod(id);

    expect(await removePod(id)).toEqual({});
    expect(await removePod(NOBODY)).toEqual({});
  });
});
