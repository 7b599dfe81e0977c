import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NamespaceMode, SecurityProfile_ProfileType } from '../../generated/runtime/v1/api';
import type { ContainerInspect } from '../../src/docker/types';
import { lowestOomScore } from '../../src/host/oom-score';
import { inspect, TEST_CGROUP } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

/**
 * What dockershim leaves on Docker is what its predecessors left: whoever takes over a node, in either direction, reads
 * names, labels, modes and checkpoints of the other. The pod here is the recorded one, made again.
 */
jest.setTimeout(60_000);

const RECORDED = join(__dirname, '../contract/recorded/cri-dockerd-master');
const HOST_PORT = 18_089;
const KEYS_LABEL = 'io.kubernetes.dockershim.keys';

let shim: ShimUnderTest;
let pod: TestPod;
let containerId: string;
let sandbox: ContainerInspect;
let container: ContainerInspect;

async function recorded(file: string): Promise<ContainerInspect> {
  const [first] = JSON.parse(await readFile(join(RECORDED, file), 'utf8')) as ContainerInspect[];
  if (first === undefined) throw new Error(`nothing is recorded in ${file}`);
  return first;
}

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  const pods = await TestPods.over(shim);
  const labels = {
    'io.kubernetes.pod.name': 'recorded',
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.uid': '0f5d6a1e-6b0a-4d27-9b58-0e6a1a1b2c3d',
  };
  pod = await pods.run({
    metadata: { name: 'recorded', namespace: shim.runName, uid: labels['io.kubernetes.pod.uid'] },
    hostname: 'recorded',
    labels,
    annotations: { 'kubernetes.io/config.source': 'api' },
    portMappings: [{ containerPort: 80, hostPort: HOST_PORT }],
    linux: {
      cgroupParent: `${TEST_CGROUP}/burstable/pod0f5d6a1e`,
      securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } },
    },
  });
  const { MaskedPaths: maskedPaths, ReadonlyPaths: readonlyPaths } = (await recorded('container.inspect.json'))
    .HostConfig;
  containerId = await pods.started(pod, {
    metadata: { name: 'app' },
    command: ['sh', '-c', 'while :; do sleep 1; done'],
    envs: [{ key: 'A', value: Buffer.from('b') }],
    labels: { 'io.kubernetes.container.name': 'app', 'io.kubernetes.pod.name': 'recorded' },
    annotations: { 'io.kubernetes.container.restartCount': '0' },
    logPath: 'app/0.log',
    mounts: [{ hostPath: '/tmp', containerPath: '/data', readonly: true }],
    linux: {
      resources: { cpuShares: 100n, memoryLimitInBytes: 67_108_864n },
      securityContext: {
        runAsUser: { value: 1000n },
        supplementalGroups: [2000n],
        maskedPaths: [...(maskedPaths ?? [])],
        readonlyPaths: [...(readonlyPaths ?? [])],
        seccomp: { profileType: SecurityProfile_ProfileType.Unconfined },
      },
    },
  });
  sandbox = await inspect(pod.id);
  container = await inspect(containerId);
});

afterAll(() => shim.stop());

/** The text with this run's ids and names in place of the recorded ones. */
async function recordedAsHere<T>(value: T): Promise<T> {
  const { Id: sandboxId } = await recorded('sandbox.inspect.json');
  const text = JSON.stringify(value)
    .replaceAll(sandboxId, pod.id)
    .replaceAll('_recorded_default_', `_recorded_${shim.runName}_`)
    .replaceAll('/var/log/pods/default_recorded_0f5d6a1e', pod.config.logDirectory)
    .replaceAll('/kubepods', TEST_CGROUP)
    .replaceAll('18089', String(HOST_PORT));
  return JSON.parse(text) as T;
}

/** Nothing, null and an empty list are the same to Docker, but for the paths that are masked. */
const listOf = (list: readonly unknown[] | null | undefined) => list ?? [];

describe('a sandbox', () => {
  /** What takes part in the contract. The network mode and the pause image's own settings are others here. */
  function contract({ Name, Config, HostConfig, RestartCount }: ContainerInspect) {
    return {
      Name,
      RestartCount,
      // The recorded pause image has a label of its own, and this shim one more, of which the predecessors know nothing.
      Labels: { ...Config.Labels, version: undefined, [KEYS_LABEL]: undefined },
      Hostname: Config.Hostname,
      ExposedPorts: Config.ExposedPorts,
      IpcMode: HostConfig.IpcMode,
      PidMode: HostConfig.PidMode,
      UTSMode: HostConfig.UTSMode,
      PortBindings: HostConfig.PortBindings,
      CgroupParent: HostConfig.CgroupParent,
      CpuShares: HostConfig.CpuShares,
      Memory: HostConfig.Memory,
      MemorySwap: HostConfig.MemorySwap,
      SecurityOpt: HostConfig.SecurityOpt,
      ShmSize: HostConfig.ShmSize,
      Privileged: HostConfig.Privileged,
      ReadonlyRootfs: HostConfig.ReadonlyRootfs,
      RestartPolicy: HostConfig.RestartPolicy,
      LogConfig: HostConfig.LogConfig,
      Runtime: HostConfig.Runtime,
      groups: listOf(HostConfig.GroupAdd),
    };
  }

  it('has the recorded name, labels, namespaces, ports and limits', async () => {
    expect(contract(sandbox)).toEqual(await recordedAsHere(contract(await recorded('sandbox.inspect.json'))));
  });

  it('is the last but one to be killed for want of memory, as far as the host lets it', async () => {
    const { HostConfig: host } = await recorded('sandbox.inspect.json');

    expect(sandbox.HostConfig.OomScoreAdj).toBe(Math.max(host.OomScoreAdj ?? 0, await lowestOomScore()));
  });
});

describe('a container', () => {
  function contract({ Name, Config, HostConfig, Mounts, RestartCount, Path, Args }: ContainerInspect & Command) {
    const { Cmd, Entrypoint, Healthcheck, Labels, User, Tty, OpenStdin, StdinOnce, WorkingDir } = Config;
    return {
      Name,
      RestartCount,
      Path,
      Args,
      Cmd: Cmd ?? null,
      Entrypoint,
      Healthcheck,
      Labels,
      User,
      Tty,
      OpenStdin,
      StdinOnce,
      WorkingDir,
      variables: (Config.Env ?? []).filter((variable) => !variable.startsWith('PATH=')),
      NetworkMode: HostConfig.NetworkMode,
      IpcMode: HostConfig.IpcMode,
      UTSMode: HostConfig.UTSMode,
      groups: listOf(HostConfig.GroupAdd),
      capabilities: [listOf(HostConfig.CapAdd), listOf(HostConfig.CapDrop)],
      SecurityOpt: HostConfig.SecurityOpt,
      MaskedPaths: HostConfig.MaskedPaths,
      ReadonlyPaths: HostConfig.ReadonlyPaths,
      Privileged: HostConfig.Privileged,
      ReadonlyRootfs: HostConfig.ReadonlyRootfs,
      RestartPolicy: HostConfig.RestartPolicy,
      LogConfig: HostConfig.LogConfig,
      Runtime: HostConfig.Runtime,
      CgroupParent: HostConfig.CgroupParent,
      CpuShares: HostConfig.CpuShares,
      CpuPeriod: HostConfig.CpuPeriod,
      CpuQuota: HostConfig.CpuQuota,
      CpusetCpus: HostConfig.CpusetCpus,
      Memory: HostConfig.Memory,
      MemorySwap: HostConfig.MemorySwap,
      ShmSize: HostConfig.ShmSize,
      devices: listOf(HostConfig.Devices),
      mounts: (HostConfig.Mounts ?? []).map(({ Type, Source, Target, ReadOnly }) => [Type, Source, Target, ReadOnly]),
      points: (Mounts ?? []).map(({ Type, Source, Destination, RW }) => [Type, Source, Destination, RW]),
    };
  }

  it('has the recorded name, labels, namespaces, security, limits and mounts', async () => {
    const before = await recordedAsHere(contract(await recorded('container.inspect.json')));
    // Two labels more, which the predecessors know nothing of.
    const ours = { 'io.kubernetes.dockershim.cgroup': '{}', [KEYS_LABEL]: expect.stringContaining(pod.id) as string };
    // Docker's log is the spool of the CRI log.
    const spool = { 'max-size': '8388608', 'max-file': '8', compress: 'false', mode: 'blocking' };
    expect(contract(container)).toEqual({
      ...before,
      Labels: { ...before.Labels, ...ours },
      LogConfig: { Type: 'json-file', Config: spool },
      // The user's group, which Docker would have looked up, is said.
      User: '1000:0',
    });
  });

  it('shares what the predecessor shared of the PID namespace: the pod said nothing of it, which means all', () => {
    expect(container.HostConfig.PidMode).toBe(`container:${pod.id}`);
  });
});

describe('the checkpoint', () => {
  it('is the recorded one, to the byte', async () => {
    const [made, before] = await Promise.all([
      readFile(join(shim.checkpointDirectory, pod.id), 'utf8'),
      readFile(join(RECORDED, 'sandbox.checkpoint.json'), 'utf8'),
    ]);

    expect(made).toBe(before.trim().replace('"namespace":"default"', `"namespace":"${shim.runName}"`));
  });
});

/** Fields that the shim has no use for. */
interface Command {
  readonly Path?: string;
  readonly Args?: readonly string[];
}
