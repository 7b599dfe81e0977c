import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ContainerState, PodSandboxState, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { docker, exists, importBusybox } from '../support/engine-under-test';
import { CRI_DOCKERD_RELEASE, IN_TREE, makePredecessorPod, recordedLabels } from '../support/predecessor-pods';
import type { Oddities, Predecessor, PredecessorPod } from '../support/predecessor-pods';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** Pods of the predecessors with something uncommon about them, and what only looks like one. */
jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

/** Docker's bridge attaches all of them, also those that are said to be on a CNI network. */
async function adopted(predecessor: Predecessor, oddities: Oddities, image = pods.image): Promise<PredecessorPod> {
  const place = { namespace: shim.runName, directory: shim.directory, image, attach: () => Promise.resolve([]) };
  let pod: PredecessorPod | undefined;
  await shim.restart(async () => {
    pod = await makePredecessorPod({ ...predecessor, networkMode: 'default' }, place, oddities);
  });
  if (pod === undefined) throw new Error('no pod was made');
  return pod;
}

async function untilSaid({ logPath }: PredecessorPod, words: RegExp): Promise<void> {
  while (!words.test(readFileSync(logPath, 'utf8'))) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function end({ sandboxId, containerId }: PredecessorPod): Promise<void> {
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: sandboxId });
  await shim.call(Runtime.removePodSandbox, { podSandboxId: sandboxId });
  expect(await Promise.all([sandboxId, containerId].map(exists))).toEqual([false, false]);
}

it('one whose names have a seventh part, because others had them, is told of without it', async () => {
  const pod = await adopted(IN_TREE, { suffix: '_0a1b2c3d' });
  const { metadata, state } = await pods.sandboxStatus(pod.sandboxId);

  expect([metadata?.namespace, metadata?.attempt, state]).toEqual([shim.runName, 0, PodSandboxState.SANDBOX_READY]);
  expect((await pods.status(pod.containerId)).metadata).toEqual({ name: 'web', attempt: 0 });
  expect(await pods.script(pod.containerId, 'hostname')).toBe('legacy-lab-node\n');
  await end(pod);
});

it('labels of the image show as they did, but none is taken for one of the shim', async () => {
  const image = `${shim.runName}/labelled:1`;
  const keys = '{"of":"","labels":["version"],"annotations":[]}'.replaceAll('"', '\\"');
  const evil = [
    `io.kubernetes.dockershim.keys="${keys}"`,
    'io.kubernetes.dockershim.cgroup="{\\"memory.max\\":\\"1\\"}"',
  ];
  const common = ['version=3', 'annotation.maintainer=somebody', 'io.kubernetes.container.name=other'];
  await importBusybox(image, [`LABEL ${[...common, ...evil].join(' ')}`]);
  const pod = await adopted(CRI_DOCKERD_RELEASE, {}, image);
  const { labels, annotations } = recordedLabels(CRI_DOCKERD_RELEASE, 'container.inspect.json');

  const status = await pods.status(pod.containerId);
  expect(status.labels).toEqual({ ...labels, version: '3' });
  expect(status.annotations).toEqual({ ...annotations, maintainer: 'somebody' });
  expect(status.resources?.linux?.unified).toEqual({});
  await end(pod);
});

it('a container that was created and not yet started is started, with a log in the CRI format', async () => {
  const pod = await adopted(CRI_DOCKERD_RELEASE, { unstarted: true });
  expect((await pods.status(pod.containerId)).state).toBe(ContainerState.CONTAINER_CREATED);

  await shim.call(Runtime.startContainer, { containerId: pod.containerId });
  await untilSaid(pod, / stdout F line 1\n/);
  await end(pod);
  expect(readdirSync(`${shim.rootDirectory}/logs`)).toEqual([]);
});

it('one that ended while nobody served has its exit code, and its link goes with the container', async () => {
  const pod = await adopted(IN_TREE, {});
  await untilSaid(pod, /^{"log":"line 1\\n","stream":"stdout"/);
  await shim.restart(async () => void (await docker('kill', pod.containerId)));

  const { state, exitCode, reason } = await pods.status(pod.containerId);
  expect([state, exitCode, reason]).toEqual([ContainerState.CONTAINER_EXITED, 137, 'Error']);
  expect(existsSync(pod.logPath)).toBe(true);
  await shim.call(Runtime.removeContainer, { containerId: pod.containerId });
  expect(existsSync(pod.logPath)).toBe(false);
  expect(readdirSync(pod.logPath.replace(/[^/]+$/, ''))).toEqual([]);
  await end(pod);
});

it("somebody's own container, which has the labels of a pod from its image, is nobody's pod", async () => {
  const image = `${shim.runName}/like-a-pod:1`;
  await importBusybox(image, ['LABEL io.kubernetes.docker.type=container']);
  const id = await docker('run', '--detach', '--name', `${shim.runName}-own`, image, 'sleep', '600');

  const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });
  expect(containers.map((container) => container.id)).not.toContain(id);
});
