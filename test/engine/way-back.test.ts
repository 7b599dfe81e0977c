import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NamespaceMode, Protocol, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { CniNode } from '../support/cni-node';
import { inspect } from '../support/engine-under-test';
import { readAsPredecessor } from '../support/predecessor-reading';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type PodParts, type TestPod } from '../support/test-pods';

/** What cri-dockerd and the in-tree dockershim read of this shim's pods, when they serve the node again. */
jest.setTimeout(60_000);

const KEYS_LABEL = 'io.kubernetes.dockershim.keys';
const CGROUP_LABEL = 'io.kubernetes.dockershim.cgroup';

let node: CniNode;
let shim: ShimUnderTest;
let pods: TestPods;
const made: string[] = [];

beforeAll(async () => {
  node = CniNode.withNetwork();
  shim = await ShimUnderTest.start(...node.flags);
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  // Their addresses and rules are given back.
  for (const podSandboxId of made) await shim.call(Runtime.removePodSandbox, { podSandboxId });
  await shim.stop();
  node.remove();
});

async function run(parts: PodParts = {}): Promise<TestPod> {
  const pod = await pods.run(parts);
  made.push(pod.id);
  return pod;
}

/** The labels that only this shim knows are CRI's to them. */
async function read(id: string) {
  const { labels, ...rest } = readAsPredecessor(await inspect(id));
  const { [KEYS_LABEL]: _keys, [CGROUP_LABEL]: _cgroup, ...theirs } = labels;
  return { ...rest, labels: theirs };
}

/** As cri-dockerd wrote it for the same pod in another namespace. */
function recordedCheckpoint(name: string): string {
  const path = join(__dirname, '../contract/recorded/cri-dockerd-master', `${name}.checkpoint.json`);
  return readFileSync(path, 'utf8').replace('"namespace":"walk"', `"namespace":"${shim.runName}"`);
}

const checkpointOf = (pod: TestPod) => readFileSync(join(shim.checkpointDirectory, pod.id), 'utf8');

it('a pod with ports of all kinds', async () => {
  const pod = await run({
    metadata: { name: 'ports', namespace: shim.runName, uid: 'uid-ports', attempt: 3 },
    labels: { app: 'ports' },
    annotations: { 'example.org/note': 'kept' },
    portMappings: [
      { protocol: Protocol.TCP, containerPort: 80, hostPort: 18_800, hostIp: '127.0.0.1' },
      { protocol: Protocol.UDP, containerPort: 53 },
      { protocol: Protocol.SCTP, containerPort: 99, hostPort: 18_801 },
      { protocol: Protocol.UDP, containerPort: 5353, hostPort: 18_802, hostIp: '10.199.0.1' },
    ],
  });

  expect(await read(pod.id)).toMatchObject({
    type: 'podsandbox',
    metadata: { name: 'ports', namespace: shim.runName, uid: 'uid-ports', attempt: 3 },
    suffix: undefined,
    onHost: [false, false, false],
    hostPorts: {
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '18800' }],
      '99/sctp': [{ HostIp: '', HostPort: '18801' }],
      '5353/udp': [{ HostIp: '10.199.0.1', HostPort: '18802' }],
    },
    labels: { app: 'ports', 'io.kubernetes.container.name': 'POD' },
    annotations: { 'example.org/note': 'kept' },
  });
  expect(checkpointOf(pod)).toBe(recordedCheckpoint('ports'));
});

it("a pod on the host's network", async () => {
  const pod = await run({
    metadata: { name: 'hostnet', namespace: shim.runName, uid: 'uid-host', attempt: 0 },
    portMappings: [{ containerPort: 18_803, hostPort: 18_803 }],
    linux: {
      securityContext: {
        namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.NODE },
      },
    },
  });

  expect(await read(pod.id)).toMatchObject({ onHost: [true, false, true] });
  expect(checkpointOf(pod)).toBe(recordedCheckpoint('host-network'));
});

it('a container: its sandbox, log, mounts, labels and annotations', async () => {
  const pod = await run();
  const id = await pods.started(pod, {
    metadata: { name: 'app', attempt: 7 },
    labels: { 'io.kubernetes.container.name': 'app' },
    annotations: { 'io.kubernetes.container.restartCount': '7' },
    logPath: 'app/7.log',
    mounts: [{ hostPath: shim.directory, containerPath: '/data', readonly: true }],
    linux: { resources: { unified: {} } },
  });

  expect(await read(id)).toEqual({
    type: 'container',
    metadata: { name: 'app', attempt: 7 },
    suffix: undefined,
    sandboxId: pod.id,
    logPath: `${pod.config.logDirectory}/app/7.log`,
    image: pods.image,
    mounts: [[shim.directory, '/data', false]],
    labels: { 'io.kubernetes.container.name': 'app' },
    annotations: { 'io.kubernetes.container.restartCount': '7' },
  });
});
