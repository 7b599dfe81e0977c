import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import {
  ContainerState,
  ImageServiceService as Images,
  ImageSpec,
  MountPropagation,
  NamespaceMode,
  PodSandboxState,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary } from '../../src/docker/types';
import { fromRfc3339 } from '../../src/lib/time';
import { adoptionFindings } from '../../src/migrate/check';
import { parse } from '../../src/store/checkpoint-text';
import { CniNode } from '../support/cni-node';
import { docker, exists, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { attachAsPredecessor } from '../support/predecessor-network';
import {
  CRI_DOCKERD_MASTER,
  CRI_DOCKERD_RELEASE,
  IN_TREE,
  makePredecessorPod,
  recordedLabels,
  type PredecessorPod,
} from '../support/predecessor-pods';
import { readAsPredecessor } from '../support/predecessor-reading';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';
import { until } from '../support/until';

/**
 * Pods of the predecessors are taken over as they run: seen, told of in full, used, given back, taken again, stopped and
 * removed with all that they have. The tests of one pod follow on each other.
 */
jest.setTimeout(60_000);

const { PROPAGATION_PRIVATE, PROPAGATION_HOST_TO_CONTAINER } = MountPropagation;

let node: CniNode;
let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  node = CniNode.withNetwork();
  shim = await ShimUnderTest.start(...node.flags);
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  await shim.stop();
  node.remove();
});

const place = () => ({
  namespace: shim.runName,
  directory: shim.directory,
  image: pods.image,
  attach: (sandbox: ContainerInspect) => attachAsPredecessor(node, sandbox),
});

/** All that Docker tells of containers, its mounts, which come in any order, sorted. */
async function allOf(ids: readonly string[]): Promise<ContainerInspect[]> {
  const bodies = await Promise.all(ids.map(inspect));
  const sorted = (points: ContainerInspect['Mounts']) =>
    [...(points ?? [])].sort((one, other) => one.Destination.localeCompare(other.Destination));
  return bodies.map((body) => ({ ...body, Mounts: sorted(body.Mounts) }));
}

/** What `dockershim migrate check` says of the engine and the shim. */
async function checked(): Promise<string[]> {
  const listed = async (type: string): Promise<ContainerSummary[]> => {
    const format = '{"Id":"{{.ID}}","Names":["/{{.Names}}"],"State":"{{.State}}"}';
    const filter = `label=io.kubernetes.docker.type=${type}`;
    const rows = await docker('ps', '--all', '--no-trunc', '--filter', filter, '--format', format);
    return rows.split('\n').flatMap((row) => (row === '' ? [] : [JSON.parse(row) as ContainerSummary]));
  };
  const { items: sandboxes } = await shim.call(Runtime.listPodSandbox, { filter: undefined });
  const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });
  const inDocker = { sandboxes: await listed('podsandbox'), containers: await listed('container') };
  return adoptionFindings({ docker: inDocker, shim: { sandboxes, containers } }).map(({ level }) => level);
}

describe.each([IN_TREE, CRI_DOCKERD_RELEASE, CRI_DOCKERD_MASTER])('a pod of $name', (predecessor) => {
  const isInTree = predecessor === IN_TREE;
  const name = isInTree ? 'legacy-lab-node' : 'recorded';
  let pod: PredecessorPod;
  let before: ContainerInspect[];
  let own: string;

  const uid = () => before[0]?.Name.split('_')[4] ?? '';
  const testPod = (): TestPod => ({ id: pod.sandboxId, config: pods.config({ metadata: { name, uid: uid() } }) });
  const lines = () => readFileSync(pod.logPath, 'utf8').split('\n').length;
  async function growing(): Promise<void> {
    const known = lines();
    await until(() => lines() > known);
  }

  beforeAll(async () => {
    await shim.restart(async () => {
      pod = await makePredecessorPod(predecessor, place());
      before = await allOf([pod.sandboxId, pod.containerId]);
    });
  });

  it('is listed', async () => {
    const selector = { labelSelector: recordedLabels(predecessor, 'container.inspect.json').labels };
    const filter = { id: '', podSandboxId: pod.sandboxId, state: { state: ContainerState.CONTAINER_RUNNING } };
    const { containers } = await shim.call(Runtime.listContainers, { filter: { ...filter, ...selector } });
    const { items } = await shim.call(Runtime.listPodSandbox, {
      filter: { id: '', state: { state: PodSandboxState.SANDBOX_READY }, labelSelector: {} },
    });

    expect(containers.map(({ id, metadata }) => [id, metadata])).toEqual([
      [pod.containerId, { name: isInTree ? 'web' : 'app', attempt: 0 }],
    ]);
    expect(items.filter(({ id }) => id === pod.sandboxId).map(({ metadata }) => metadata)).toEqual([
      { name, namespace: shim.runName, uid: uid(), attempt: 0 },
    ]);
    expect(await checked()).toEqual(['ok', 'ok']);
  });

  it('keeps the image of its pause container from being collected', async () => {
    const image = ImageSpec.fromPartial({ image: before[0]?.Image ?? '' });
    const { images } = await shim.call(Images.listImages, { filter: { image } });
    const status = await shim.call(Images.imageStatus, { image, verbose: false });

    expect([...images, status.image].map((one) => one?.pinned)).toEqual([true, true]);
  });

  it('has its status, with the addresses that it was given', async () => {
    const [ip, ...others] = pod.addresses;

    expect(await pods.sandboxStatus(pod.sandboxId)).toEqual({
      id: pod.sandboxId,
      metadata: { name, namespace: shim.runName, uid: uid(), attempt: 0 },
      state: PodSandboxState.SANDBOX_READY,
      createdAt: fromRfc3339(before[0]?.Created ?? ''),
      network: { ip, additionalIps: others.map((address) => ({ ip: address })) },
      linux: { namespaces: { options: { network: 0, pid: NamespaceMode.CONTAINER, ipc: 0, targetId: '' } } },
      ...recordedLabels(predecessor, 'sandbox.inspect.json'),
      runtimeHandler: '',
    });
    expect(ip).toMatch(predecessor.networkMode === 'none' ? /^10\.190\.0\./ : /^\d+\.\d+\.\d+\.\d+$/);
  });

  it("its container has one too: image, mounts, limits, times and the kubelet's annotations", async () => {
    const { Image: imageId = '', Created, State } = before[1] ?? { Created: '', State: { StartedAt: '' } };
    const theKubelets = `${shim.directory}/kubelet/pods/${uid()}`;
    const mounts = {
      [IN_TREE.name]: [
        ['/etc/hosts', `${theKubelets}/etc-hosts`, false, PROPAGATION_PRIVATE],
        ['/dev/termination-log', `${theKubelets}/containers/web/6c56379c`, false, PROPAGATION_PRIVATE],
      ],
      [CRI_DOCKERD_RELEASE.name]: [['/data', `${shim.directory}/data`, true, PROPAGATION_HOST_TO_CONTAINER]],
      [CRI_DOCKERD_MASTER.name]: [['/data', `${shim.directory}/data`, true, PROPAGATION_PRIVATE]],
    };
    const status = await pods.status(pod.containerId);

    expect(status).toMatchObject({
      id: pod.containerId,
      metadata: { name: isInTree ? 'web' : 'app', attempt: 0 },
      state: ContainerState.CONTAINER_RUNNING,
      createdAt: fromRfc3339(Created),
      startedAt: fromRfc3339(State.StartedAt),
      finishedAt: 0n,
      exitCode: 0,
      image: { image: pods.image },
      imageRef: `docker://${imageId}`,
      imageId,
      reason: '',
      message: '',
      logPath: pod.logPath,
      resources: { linux: isInTree ? { cpuShares: 2n } : { cpuShares: 100n, memoryLimitInBytes: 67_108_864n } },
    });
    const { labels, annotations } = status;
    expect({ labels, annotations }).toEqual(recordedLabels(predecessor, 'container.inspect.json'));
    expect(
      status.mounts.map((mount) => [mount.containerPath, mount.hostPath, mount.readonly, mount.propagation]),
    ).toEqual(expect.arrayContaining(mounts[predecessor.name] ?? []));
    expect(status.mounts).toHaveLength(mounts[predecessor.name]?.length ?? 0);
  });

  it('runs commands', async () => {
    expect(await pods.script(pod.containerId, 'hostname; id -u')).toBe(`${name}\n${isInTree ? 0 : 1000}\n`);
  });

  it("has stats, which say that they are the kubelet's container's", async () => {
    const { stats } = await shim.call(Runtime.containerStats, { containerId: pod.containerId });
    const { stats: ofPod } = await shim.call(Runtime.podSandboxStats, { podSandboxId: pod.sandboxId });

    expect(stats?.attributes).toMatchObject({ id: pod.containerId, metadata: { name: isInTree ? 'web' : 'app' } });
    expect(stats?.cpu?.usageCoreNanoSeconds?.value).toBeGreaterThan(0n);
    expect(stats?.memory?.workingSetBytes?.value).toBeGreaterThan(0n);
    expect(ofPod?.linux?.containers.map(({ attributes }) => attributes?.id)).toEqual([pod.containerId]);
    expect(ofPod?.linux?.network?.defaultInterface?.name).toBe('eth0');
  });

  it("its log stays the link to Docker's, also when a kubelet tries to rotate it", async () => {
    const rotated = `${pod.logPath}.20260101-000000`;
    await growing();
    renameSync(pod.logPath, rotated);
    await expect(shim.call(Runtime.reopenContainerLog, { containerId: pod.containerId })).rejects.toMatchObject(
      refusal('FAILED_PRECONDITION', /has no CRI log to reopen: its log is Docker's own/),
    );
    expect(existsSync(pod.logPath)).toBe(false);
    renameSync(rotated, pod.logPath);

    await growing();
    expect(readlinkSync(pod.logPath)).toBe(before[1]?.LogPath);
  });

  it('gets a new container, which has the namespaces of the pod and a log in the CRI format', async () => {
    own = await pods.started(testPod(), {
      metadata: { name: isInTree ? 'web' : 'app', attempt: 1 },
      command: ['sh', '-c', 'echo begun; exec sleep 3600'],
      logPath: 'own.log',
      linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } },
    });
    const namespaces = async (id: string): Promise<string[]> => {
      const { Pid } = (await inspect(id)).State;
      return ['net', 'ipc', 'pid'].map((kind) => readlinkSync(`/proc/${Pid}/ns/${kind}`));
    };
    const { logPath, metadata } = await pods.status(own);

    expect(metadata).toEqual({ name: isInTree ? 'web' : 'app', attempt: 1 });
    expect(await namespaces(own)).toEqual(await namespaces(pod.sandboxId));
    expect(await pods.script(own, 'hostname')).toBe(`${name}\n`);
    await until(() => / stdout F begun\n$/.test(readFileSync(logPath, 'utf8')));
  });

  it('goes back as it came, with what was made in it, and comes again', async () => {
    const { logPath } = await pods.status(own);
    await shim.restart(async () => {
      const [sandbox, container, second] = (await allOf([pod.sandboxId, pod.containerId, own])).map(readAsPredecessor);
      expect([sandbox, container]).toEqual(before.map(readAsPredecessor));
      expect(second).toMatchObject({
        type: 'container',
        metadata: { name: isInTree ? 'web' : 'app', attempt: 1 },
        sandboxId: pod.sandboxId,
        logPath,
      });
      // It removes that one, and its log, whatever that is.
      await docker('rm', '--force', own);
      rmSync(logPath);
    });

    await until(() => readdirSync(`${shim.rootDirectory}/logs`).length === 0);
    expect(existsSync(logPath)).toBe(false);
    await expect(pods.status(own)).rejects.toMatchObject(refusal('NOT_FOUND'));
    expect(await checked()).toEqual(['ok', 'ok']);
  });

  it('nothing of it was touched, and cri-dockerd has a checkpoint to tear it down by', async () => {
    const checkpointPath = `${shim.checkpointDirectory}/${pod.sandboxId}`;
    await until(() => existsSync(checkpointPath));

    expect(await allOf([pod.sandboxId, pod.containerId])).toEqual(before);
    const [its, cridockerds] = [pod.checkpointPath, checkpointPath].map((path) => readFileSync(path, 'utf8'));
    expect(parse(its ?? '', [isInTree ? 'dockershim' : 'cri-dockerd'])).toBeDefined();
    expect(parse(cridockerds ?? '', ['cri-dockerd'])).toEqual(parse(its ?? ''));
  });

  it('is stopped and removed, with its log, its checkpoints and its network', async () => {
    await shim.call(Runtime.stopContainer, { containerId: pod.containerId, timeout: 10n });
    expect(await pods.status(pod.containerId)).toMatchObject({ exitCode: 0, reason: 'Completed' });
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.sandboxId });
    expect((await pods.sandboxStatus(pod.sandboxId)).state).toBe(PodSandboxState.SANDBOX_NOTREADY);
    expect(node.left()).toEqual({ addresses: [], 'cache entries': [], links: [], rules: [] });
    await shim.call(Runtime.removePodSandbox, { podSandboxId: pod.sandboxId });

    expect(await Promise.all([pod.sandboxId, pod.containerId].map(exists))).toEqual([false, false]);
    const places = [pod.checkpointPath, `${shim.checkpointDirectory}/${pod.sandboxId}`, pod.logPath];
    const left = places.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    expect(left).toEqual([]);
    expect(await checked()).toEqual(['ok', 'ok']);
  });
});
