import { ContainerState, Signal, type ContainerStatus } from '../../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../../../src/docker/types';
import { listedContainer, listedStatus, toContainerStatus, withImage } from '../../../src/translate/container-status';
import { toImage } from '../../../src/translate/image';

const RUNTIMES = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };
const ID = '1'.repeat(64);
const IMAGE_ID = `sha256:${'2'.repeat(64)}`;
const NAME = '/k8s_app_web_shop_uid_3';
const LABELS = {
  'io.kubernetes.docker.type': 'container',
  'io.kubernetes.sandbox.id': 'f00',
  'io.kubernetes.container.logpath': '/var/log/0.log',
  tier: 'web',
  'annotation.hash': '1',
};

const INSPECT: ContainerInspect = {
  Id: ID,
  Name: NAME,
  Created: '1970-01-01T00:00:01.000000005Z',
  Image: IMAGE_ID,
  State: {
    Status: 'exited',
    Running: false,
    OOMKilled: false,
    Pid: 0,
    ExitCode: 3,
    Error: 'oh',
    StartedAt: '1970-01-01T00:00:02Z',
    FinishedAt: '1970-01-01T00:00:03Z',
  },
  HostConfig: { Memory: 64, MemorySwap: 64, OomScoreAdj: 5 },
  Config: { Image: 'busybox:1', Labels: LABELS, StopSignal: 'SIGUSR1', User: '7:8' },
  Mounts: [{ Type: 'bind', Source: '/srv', Destination: '/data', Mode: 'ro', RW: false, Propagation: 'rprivate' }],
};

const IMAGE: ImageInspect = {
  Id: IMAGE_ID,
  RepoTags: ['busybox:latest', 'busybox:1'],
  RepoDigests: ['busybox@sha256:abc'],
  Size: 1,
};

function statusOf(container: ContainerInspect, image: ImageInspect | undefined, oomKilled = false): ContainerStatus {
  return withImage(toContainerStatus(container, oomKilled, RUNTIMES), image && toImage(image));
}

const SPEC = { imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };

it('has every field', () => {
  expect(statusOf(INSPECT, IMAGE)).toEqual({
    id: ID,
    metadata: { name: 'app', attempt: 3 },
    state: ContainerState.CONTAINER_EXITED,
    createdAt: 1_000_000_005n,
    startedAt: 2_000_000_000n,
    finishedAt: 3_000_000_000n,
    exitCode: 3,
    image: { ...SPEC, image: 'busybox:1' },
    imageRef: 'docker-pullable://busybox@sha256:abc',
    reason: 'Error',
    message: 'oh',
    labels: { tier: 'web' },
    annotations: { hash: '1' },
    mounts: [
      {
        containerPath: '/data',
        hostPath: '/srv',
        readonly: true,
        selinuxRelabel: false,
        propagation: 0,
        uidMappings: [],
        gidMappings: [],
        recursiveReadOnly: false,
        image: undefined,
        imageSubPath: '',
        mountOptions: [],
      },
    ],
    logPath: '/var/log/0.log',
    resources: {
      linux: {
        cpuPeriod: 0n,
        cpuQuota: 0n,
        cpuShares: 0n,
        memoryLimitInBytes: 64n,
        memorySwapLimitInBytes: 64n,
        oomScoreAdj: 5n,
        cpusetCpus: '',
        cpusetMems: '',
        hugepageLimits: [],
        unified: {},
      },
      windows: undefined,
    },
    imageId: IMAGE_ID,
    user: { linux: { uid: 7n, gid: 8n, supplementalGroups: [8n] } },
    stopSignal: Signal.SIGNAL_SIGUSR1,
  });
});

it('knows of a kill that Docker missed', () => {
  expect(statusOf(INSPECT, IMAGE, true).reason).toBe('OOMKilled');
});

it.each<[string, ImageInspect | undefined, string]>([
  ['busybox:1', IMAGE, 'busybox:1'],
  ['busybox:1', undefined, 'busybox:1'],
  [IMAGE_ID, IMAGE, 'busybox:latest'],
  ['2'.repeat(64), IMAGE, 'busybox:latest'],
  [IMAGE_ID, { ...IMAGE, RepoTags: null }, IMAGE_ID],
  [IMAGE_ID, undefined, IMAGE_ID],
])('made of %s, with the image %j, it shows %s', (asked, image, shown) => {
  const container = { ...INSPECT, Config: { ...INSPECT.Config, Image: asked } };
  expect(statusOf(container, image).image).toEqual({ ...SPEC, image: shown });
});

it.each<[ImageInspect | undefined]>([[undefined], [{ ...IMAGE, RepoDigests: null }], [{ ...IMAGE, RepoDigests: [] }]])(
  'without a digest its reference is its id: %j',
  (image) => {
    const status = statusOf(INSPECT, image);
    expect(status.imageRef).toBe(`docker://${IMAGE_ID}`);
    expect(status.imageId).toBe(IMAGE_ID);
  },
);

it.each<[string | undefined, string[] | null, object | undefined]>([
  [undefined, null, { uid: 0n, gid: 0n, supplementalGroups: [0n] }],
  ['', null, { uid: 0n, gid: 0n, supplementalGroups: [0n] }],
  ['root', ['5'], { uid: 0n, gid: 0n, supplementalGroups: [0n, 5n] }],
  ['0', null, { uid: 0n, gid: 0n, supplementalGroups: [0n] }],
  ['7:8', ['8', '9'], { uid: 7n, gid: 8n, supplementalGroups: [8n, 9n] }],
  ['7:8', ['wheel'], { uid: 7n, gid: 8n, supplementalGroups: [8n] }],
  [':8', null, { uid: 0n, gid: 8n, supplementalGroups: [8n] }],
  // Their groups are written in the container, where Docker does not tell.
  ['7', null, undefined],
  ['www', null, undefined],
  ['www:8', null, undefined],
  ['7:www', null, undefined],
])('the user %p with the groups %j is %p', (User, GroupAdd, linux) => {
  const container = {
    ...INSPECT,
    HostConfig: { GroupAdd },
    Config: { Image: 'busybox:1', ...(User !== undefined && { User }) },
  };
  expect(statusOf(container, IMAGE).user).toEqual(linux && { linux });
});

it('does without labels, mounts and a proper name', () => {
  const container = { ...INSPECT, Name: '/web', Mounts: null, Config: { Image: 'busybox:1', Labels: null } };
  expect(statusOf(container, undefined)).toMatchObject({
    metadata: undefined,
    labels: {},
    annotations: {},
    logPath: '',
    mounts: [],
    stopSignal: Signal.SIGNAL_RUNTIME_DEFAULT,
  });
});

describe('a row of the list', () => {
  const ROW: ContainerSummary = {
    Id: ID,
    Names: [NAME],
    Image: 'busybox:1',
    ImageID: IMAGE_ID,
    Created: 1,
    State: 'running',
    Labels: LABELS,
  };

  const SECONDS = { createdAt: 1_000_000_000n, startedAt: 0n, finishedAt: 0n };

  it('has what Docker tells there', () => {
    expect(listedStatus(ROW)).toMatchObject({
      ...SECONDS,
      id: ID,
      metadata: { name: 'app', attempt: 3 },
      image: { ...SPEC, image: 'busybox:1' },
      imageRef: `docker://${IMAGE_ID}`,
      imageId: IMAGE_ID,
      state: ContainerState.CONTAINER_RUNNING,
      labels: { tier: 'web' },
      annotations: { hash: '1' },
      logPath: '/var/log/0.log',
    });
  });

  it('has all that a status has', () => {
    expect(Object.keys(listedStatus(ROW)).sort()).toEqual(Object.keys(statusOf(INSPECT, IMAGE)).sort());
  });

  it('does without names and labels, which a container being removed has lost', () => {
    expect(listedStatus({ ...ROW, Names: null, Labels: null })).toMatchObject({ metadata: undefined, labels: {} });
  });
});

it('is shortened for the list', () => {
  const { id, metadata, image, state, createdAt, labels, annotations } = statusOf(INSPECT, IMAGE);
  const same = { id, metadata, image, state, createdAt, labels, annotations };
  expect(listedContainer(toContainerStatus(INSPECT, false, RUNTIMES), 'f00', toImage(IMAGE))).toEqual({
    ...same,
    podSandboxId: 'f00',
    imageRef: IMAGE_ID,
    imageId: IMAGE_ID,
  });
});

it.each([
  ['its own', 'crun', true],
  ['the engine’s default', undefined, false],
])('whether a bind is read-only with all below it depends on its runtime: %s', (_which, Runtime, recursive) => {
  const bind = { Type: 'bind', Source: '/srv', Destination: '/data', Mode: 'Z,ro', RW: false };
  const HostConfig = { Binds: ['/srv:/data:Z,ro'], ...(Runtime !== undefined && { Runtime }) };
  const runtimes = { ...RUNTIMES, recursiveReadOnly: ['crun'] };
  const { mounts } = toContainerStatus({ ...INSPECT, HostConfig, Mounts: [bind] }, false, runtimes);
  expect(mounts).toMatchObject([{ readonly: true, recursiveReadOnly: recursive }]);
});
