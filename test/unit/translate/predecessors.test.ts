import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  ContainerState,
  MountPropagation,
  PodSandboxState,
  Signal,
  type ContainerStatus,
} from '../../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../../../src/docker/types';
import { fromRfc3339 } from '../../../src/lib/time';
import { listedStatus, toContainerStatus, withImage } from '../../../src/translate/container-status';
import { toImage } from '../../../src/translate/image';
import { kindOfContainer, SANDBOX_ID_LABEL } from '../../../src/translate/labels';
import { listedFacts, sandboxFacts, toPodSandboxStatus } from '../../../src/translate/sandbox-status';

/** What real predecessors left on Docker, and what cri-dockerd said of it, as crictl prints it. */
const RECORDED = path.join(__dirname, '../../contract/recorded');
const RUNTIMES = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };
const CRI_DOCKERD = 'cri-dockerd-master';
const IN_TREE = 'in-tree-dockershim-1.20';

function recorded<T>(...file: string[]): T {
  return JSON.parse(readFileSync(path.join(RECORDED, ...file), 'utf8')) as T;
}

function inspected(predecessor: string, file: string): ContainerInspect {
  const [first] = recorded<ContainerInspect[]>(predecessor, file);
  if (first === undefined) throw new Error(`nothing is recorded in ${file}`);
  return first;
}

interface Answer {
  readonly id: string;
  readonly metadata: object;
  readonly createdAt: string;
  readonly labels: object;
  readonly annotations: object;
}

describe('cri-dockerd', () => {
  it("a container's status is the one that cri-dockerd gives, and more", () => {
    interface Theirs extends Answer {
      readonly startedAt: string;
      readonly exitCode: number;
      readonly image: object;
      readonly imageRef: string;
      readonly reason: string;
      readonly message: string;
      readonly logPath: string;
      readonly mounts: readonly { readonly propagation: string }[];
    }
    const container = inspected(CRI_DOCKERD, 'container.inspect.json');
    const theirs = recorded<{ status: Theirs }>(CRI_DOCKERD, 'cri.containerstatus.json').status;
    const image: ImageInspect = {
      Id: container.Image,
      RepoTags: [container.Config.Image],
      RepoDigests: [theirs.imageRef.replace('docker-pullable://', '')],
      Size: 1,
    };
    const same = {
      id: theirs.id,
      metadata: theirs.metadata,
      state: ContainerState.CONTAINER_RUNNING,
      createdAt: fromRfc3339(theirs.createdAt),
      startedAt: fromRfc3339(theirs.startedAt),
      exitCode: theirs.exitCode,
      image: theirs.image,
      imageRef: theirs.imageRef,
      reason: theirs.reason,
      message: theirs.message,
      labels: theirs.labels,
      annotations: theirs.annotations,
      logPath: theirs.logPath,
      // They say null, and mean that they say nothing.
      user: undefined,
      stopSignal: Signal.SIGNAL_RUNTIME_DEFAULT,
    };
    const different = {
      // crictl shows its zero, and theirs is the zero of Go instead of CRI's.
      finishedAt: 0n,
      // They leave it empty. It is the image's id everywhere, so that the kubelet finds its pull again.
      imageId: container.Image,
      // They say nothing, so that a resize of the container never comes to an end.
      resources: {
        linux: {
          cpuPeriod: 0n,
          cpuQuota: 0n,
          cpuShares: 100n,
          memoryLimitInBytes: 67_108_864n,
          memorySwapLimitInBytes: 67_108_864n,
          oomScoreAdj: 0n,
          cpusetCpus: '',
          cpusetMems: '',
          hugepageLimits: [],
          unified: {},
        },
        windows: undefined,
      },
      mounts: theirs.mounts.map((mount) => ({
        ...mount,
        // Docker made it rslave by itself; private is what was asked for.
        propagation: MountPropagation.PROPAGATION_PRIVATE,
        // Newer than the interface that they speak.
        image: undefined,
        mountOptions: [],
      })),
    };
    expect(withImage(toContainerStatus(container, false, RUNTIMES), toImage(image))).toEqual({
      ...same,
      ...different,
    } satisfies Record<keyof ContainerStatus, unknown>);
    expect(theirs.mounts.map(({ propagation }) => propagation)).toEqual(['PROPAGATION_PRIVATE']);
  });

  it("a sandbox's status is the one that cri-dockerd gives, but for the handler", () => {
    interface Theirs extends Answer {
      readonly network: object;
    }
    const theirs = recorded<{ status: Theirs }>(CRI_DOCKERD, 'cri.podsandboxstatus.json').status;
    const sandbox = inspected(CRI_DOCKERD, 'sandbox.inspect.json');
    expect(toPodSandboxStatus(sandboxFacts(sandbox), ['10.88.2.115'], '')).toEqual({
      id: theirs.id,
      metadata: theirs.metadata,
      state: PodSandboxState.SANDBOX_READY,
      createdAt: fromRfc3339(theirs.createdAt),
      network: theirs.network,
      linux: { namespaces: { options: { network: 0, pid: 1, ipc: 0, targetId: '', usernsOptions: undefined } } },
      labels: theirs.labels,
      annotations: theirs.annotations,
      // They name the engine's default runtime, which no pod asked for.
      runtimeHandler: '',
    });
  });

  it('their list says the same of each as their inspect, as far as it goes', () => {
    const [container, sandbox] = recorded<[ContainerSummary, ContainerSummary]>(CRI_DOCKERD, 'containers.list.json');
    const ofContainer = toContainerStatus(inspected(CRI_DOCKERD, 'container.inspect.json'), false, RUNTIMES);
    const ofSandbox = sandboxFacts(inspected(CRI_DOCKERD, 'sandbox.inspect.json'));
    const inSeconds = ({ createdAt }: { createdAt: bigint }) => (createdAt / 1_000_000_000n) * 1_000_000_000n;
    expect(container.Labels?.[SANDBOX_ID_LABEL]).toBe(ofSandbox.id);
    expect(listedStatus(container)).toMatchObject({
      id: ofContainer.id,
      metadata: ofContainer.metadata,
      image: ofContainer.image,
      imageRef: ofContainer.imageRef,
      imageId: ofContainer.imageId,
      state: ofContainer.state,
      createdAt: inSeconds(ofContainer),
      labels: ofContainer.labels,
      annotations: ofContainer.annotations,
      logPath: ofContainer.logPath,
    });
    expect(listedFacts(sandbox)).toEqual({ ...ofSandbox, createdAt: inSeconds(ofSandbox), linux: undefined });
  });
});

describe('the in-tree dockershim', () => {
  const POD = { name: 'legacy-lab-node', namespace: 'default', uid: 'fb548bf0a899807bab6309f6465b44a7', attempt: 0 };
  const POD_DIRECTORY = `/var/lib/kubelet/pods/${POD.uid}`;

  it('a container, made of an image id and with binds of the older form', () => {
    const container = inspected(IN_TREE, 'container.inspect.json');
    expect(kindOfContainer(container.Config.Labels)).toBe('container');
    expect(toContainerStatus(container, false, RUNTIMES)).toMatchObject({
      id: '6489c273474441a85e6463f42a36ef8c96695ba91fda7ff54b8086c86e32490e',
      metadata: { name: 'web', attempt: 0 },
      state: ContainerState.CONTAINER_RUNNING,
      createdAt: fromRfc3339('2026-11-21T23:49:18.673873419Z'),
      startedAt: fromRfc3339('2026-11-21T23:49:18.761485957Z'),
      imageId: container.Image,
      imageRef: `docker://${container.Image}`,
      labels: {
        'io.kubernetes.container.name': 'web',
        'io.kubernetes.pod.name': POD.name,
        'io.kubernetes.pod.namespace': POD.namespace,
        'io.kubernetes.pod.uid': POD.uid,
      },
      annotations: {
        'io.kubernetes.container.hash': 'c4ac81c9',
        'io.kubernetes.container.restartCount': '0',
        'io.kubernetes.pod.terminationGracePeriod': '2',
      },
      logPath: `/var/log/pods/default_${POD.name}_${POD.uid}/web/0.log`,
      mounts: [
        { containerPath: '/etc/hosts', hostPath: `${POD_DIRECTORY}/etc-hosts`, readonly: false, propagation: 0 },
        { containerPath: '/dev/termination-log', hostPath: `${POD_DIRECTORY}/containers/web/6c56379c`, propagation: 0 },
      ],
      resources: { linux: { cpuShares: 2n, cpuPeriod: 100_000n, oomScoreAdj: -997n } },
      user: { linux: { uid: 0n, gid: 0n, supplementalGroups: [0n] } },
    });
  });

  it('a sandbox', () => {
    expect(toPodSandboxStatus(sandboxFacts(inspected(IN_TREE, 'sandbox.inspect.json')), [], '')).toMatchObject({
      id: 'f0a4bc33021aceb9e6e1bff84493d0f6d571a0ce42821041fff58a7846f99910',
      metadata: POD,
      state: PodSandboxState.SANDBOX_READY,
      annotations: { 'kubernetes.io/config.source': 'file' },
      runtimeHandler: '',
    });
  });

  it('the whole pod is in the list', () => {
    const rows = recorded<ContainerSummary[]>(IN_TREE, 'containers.list.json');
    const containers = rows.filter(({ Labels }) => kindOfContainer(Labels) === 'container');
    const sandboxes = rows.filter(({ Labels }) => kindOfContainer(Labels) === 'podsandbox');
    expect(sandboxes.map((row) => listedFacts(row).metadata)).toEqual([POD]);
    expect(containers.map((row) => listedStatus(row).metadata)).toEqual(
      ['sh', 'web'].map((name) => ({ name, attempt: 0 })),
    );
    expect(new Set(containers.map((row) => row.Labels?.[SANDBOX_ID_LABEL]))).toEqual(new Set([sandboxes[0]?.Id]));
  });
});
