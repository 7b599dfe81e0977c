import {
  ContainerStatsFilter,
  NamespaceMode,
  PodSandboxStatsFilter,
  RuntimeServiceService as Runtime,
  type ContainerStats,
} from '../../generated/runtime/v1/api';
import { docker, inspect, TEST_CGROUP } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

const NOBODY = 'e'.repeat(64);
const MIB = 1024n * 1024n;
const BURN = ['sh', '-c', 'while :; do :; done'];

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

const list = async (filter?: Partial<ContainerStatsFilter>): Promise<ContainerStats[]> =>
  (await shim.call(Runtime.listContainerStats, { filter: filter && ContainerStatsFilter.fromPartial(filter) })).stats;
const listPods = async (filter?: Partial<PodSandboxStatsFilter>) =>
  (await shim.call(Runtime.listPodSandboxStats, { filter: filter && PodSandboxStatsFilter.fromPartial(filter) })).stats;
const idsOf = (stats: readonly { attributes: { id: string } | undefined }[]) =>
  stats.map(({ attributes }) => attributes?.id);

async function statsOf(containerId: string): Promise<ContainerStats> {
  const { stats } = await shim.call(Runtime.containerStats, { containerId });
  if (stats === undefined) throw new Error(`no stats of container ${containerId}`);
  return stats;
}

async function podStatsOf(podSandboxId: string) {
  return (await shim.call(Runtime.podSandboxStats, { podSandboxId })).stats;
}

/** The first number in Docker's "868KiB / 23.5GiB". */
function bytesOf(shown: string): number {
  const [, number, unit = ''] = /^([\d.]+)([KMG]i)?B/.exec(shown) ?? [];
  return Number(number) * 1024 ** ['', 'Ki', 'Mi', 'Gi'].indexOf(unit);
}

/** Asks until the answer is as wanted; jest's timeout is the patience. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The stats of a pod once it has so many processes: what starts a container has threads that take a moment to end. */
async function settledPodStats(podSandboxId: string, processes: bigint) {
  return await until(
    () => podStatsOf(podSandboxId),
    (stats) => stats?.linux?.process?.processCount?.value === processes,
  );
}

describe('ContainerStats', () => {
  it('says whose they are, and measures CPU, memory and the writable layer', async () => {
    const pod = await pods.run();
    const id = await pods.started(pod, { labels: { app: 'web' }, annotations: { note: 'x' } });
    await pods.script(id, 'dd if=/dev/zero of=/file bs=1M count=3 2>/dev/null; mkdir /directory');

    const stats = await statsOf(id);

    expect(stats.attributes).toMatchObject({ id, labels: { app: 'web' }, annotations: { note: 'x' } });
    expect(stats.attributes?.metadata).toEqual((await pods.status(id)).metadata);
    expect(stats.cpu?.usageCoreNanoSeconds?.value).toBeGreaterThan(0n);
    expect(stats.memory?.pageFaults?.value).toBeGreaterThan(0n);
    expect(stats.memory?.usageBytes?.value).toBeGreaterThanOrEqual(stats.memory?.workingSetBytes?.value ?? -1n);
    expect(stats.memory?.availableBytes).toBeUndefined();
    expect(stats.writableLayer?.usedBytes?.value).toBeGreaterThanOrEqual(3n * MIB);
    expect(stats.writableLayer?.inodesUsed?.value).toBe(2n);
    expect(stats.writableLayer?.timestamp).toBeGreaterThan(0n);
  });

  it('gives the file system that ImageFsInfo gives', async () => {
    const id = await pods.started(await pods.run());
    const { DockerRootDir: root } = JSON.parse(await docker('info', '--format', '{{json .}}')) as {
      DockerRootDir: string;
    };

    expect((await statsOf(id)).writableLayer?.fsId).toEqual({ mountpoint: root });
  });

  it("has the working set that Docker's own client shows", async () => {
    const id = await pods.started(await pods.run());
    await pods.script(id, 'dd if=/dev/zero of=/file bs=1M count=20 2>/dev/null');

    const shown = await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', id);

    const bytes = Number((await statsOf(id)).memory?.workingSetBytes?.value);
    expect(Math.abs(bytes / bytesOf(shown) - 1)).toBeLessThan(0.1);
  });

  it('knows what is left below a memory limit', async () => {
    const id = await pods.started(await pods.run(), { linux: { resources: { memoryLimitInBytes: 64n * MIB } } });

    const { memory } = await statsOf(id);

    expect(memory?.availableBytes?.value).toBe(64n * MIB - (memory?.workingSetBytes?.value ?? 0n));
  });

  it('has a rate of CPU use that agrees with the quota', async () => {
    const linux = { resources: { cpuPeriod: 100_000n, cpuQuota: 50_000n } };
    const id = await pods.started(await pods.run(), { command: BURN, linux });
    const first = await statsOf(id);
    expect(first.cpu?.usageNanoCores).toBeUndefined();

    const { cpu } = await until(
      () => statsOf(id),
      (stats) => stats.cpu?.usageNanoCores !== undefined,
    );

    const seconds = Number((cpu?.timestamp ?? 0n) - (first.cpu?.timestamp ?? 0n)) / 1e9;
    const used =
      Number((cpu?.usageCoreNanoSeconds?.value ?? 0n) - (first.cpu?.usageCoreNanoSeconds?.value ?? 0n)) / 1e9;
    expect(Number(cpu?.usageNanoCores?.value) / 1e9).toBeCloseTo(used / seconds, 6);
    expect(Number(cpu?.usageNanoCores?.value)).toBeGreaterThan(0);
  });

  it('has attributes and nothing else of a container that does not run', async () => {
    const pod = await pods.run();
    const created = await pods.create(pod);
    const { id: ended } = await pods.ended(pod, { command: ['true'] });

    for (const id of [created, ended]) {
      expect(await statsOf(id)).toMatchObject({ attributes: { id }, cpu: undefined, memory: undefined });
    }
  });

  it('measures the new process of a container that was restarted behind its back', async () => {
    const id = await pods.started(await pods.run());
    await statsOf(id);
    const before = (await inspect(id)).State.Pid;

    await docker('restart', '--time', '0', id);

    expect((await inspect(id)).State.Pid).not.toBe(before);
    expect((await statsOf(id)).cpu?.usageCoreNanoSeconds?.value).toBeGreaterThan(0n);
  });

  it('refuses ids that no container has', async () => {
    const pod = await pods.run();

    for (const containerId of [NOBODY, pod.id]) {
      await expect(statsOf(containerId)).rejects.toMatchObject(refusal('NOT_FOUND'));
    }
  });
});

describe('ListContainerStats', () => {
  it('has those that run, paused ones too', async () => {
    const pod = await pods.run();
    const running = await pods.started(pod);
    const paused = await pods.started(pod);
    const created = await pods.create(pod);
    const { id: ended } = await pods.ended(pod, { command: ['true'] });
    await docker('pause', paused);

    const found = idsOf(await list());
    await docker('unpause', paused);

    expect(found).toEqual(expect.arrayContaining([running, paused]));
    for (const id of [created, ended, pod.id]) expect(found).not.toContain(id);
  });

  it('filters by id, pod and labels, all of them together', async () => {
    const [pod, other] = [await pods.run(), await pods.run()];
    const web = await pods.started(pod, { labels: { app: 'web', tier: 'front' } });
    const database = await pods.started(pod, { labels: { app: 'database' } });
    await pods.started(other, { labels: { app: 'web' } });

    expect(idsOf(await list({ podSandboxId: pod.id })).sort()).toEqual([web, database].sort());
    expect(idsOf(await list({ id: web.slice(0, 20) }))).toEqual([web]);
    expect(idsOf(await list({ podSandboxId: pod.id, labelSelector: { app: 'web' } }))).toEqual([web]);
    expect(idsOf(await list({ id: web, podSandboxId: other.id }))).toEqual([]);
    expect(idsOf(await list({ id: web, labelSelector: { app: 'we' } }))).toEqual([]);
  });

  it('leaves out what ends, without failing', async () => {
    const pod = await pods.run();
    const [stays, goes] = [await pods.started(pod), await pods.started(pod)];
    expect(idsOf(await list({ podSandboxId: pod.id }))).toHaveLength(2);

    const killed = docker('kill', goes);
    const found = await until(
      async () => idsOf(await list({ podSandboxId: pod.id })),
      (ids) => ids.length === 1,
    );
    await killed;

    expect(found).toEqual([stays]);
  });
});

describe('PodSandboxStats', () => {
  it("measures the pod's own cgroup, its network and its containers", async () => {
    const pod = await pods.run({ linux: { cgroupParent: `${TEST_CGROUP}/stats-pod` }, labels: { app: 'web' } });
    const id = await pods.started(pod);
    const { linux, attributes } = (await settledPodStats(pod.id, 2n)) ?? {};

    expect(attributes).toMatchObject({ id: pod.id, metadata: pod.config.metadata, labels: { app: 'web' } });
    expect(idsOf(linux?.containers ?? [])).toEqual([id]);
    const container = linux?.containers[0];
    expect(linux?.cpu?.usageCoreNanoSeconds?.value).toBeGreaterThan(container?.cpu?.usageCoreNanoSeconds?.value ?? 0n);
    expect(linux?.memory?.usageBytes?.value).toBeGreaterThan(container?.memory?.usageBytes?.value ?? 0n);
    expect(linux?.network?.defaultInterface?.name).toBe('eth0');
  });

  it('sums its containers in a pod without a cgroup of its own', async () => {
    const pod = await pods.run();
    await pods.started(pod);
    await pods.started(pod);

    const linux = (await settledPodStats(pod.id, 3n))?.linux;

    const members = (linux?.containers ?? []).map(({ memory }) => memory?.workingSetBytes?.value ?? 0n);
    expect(members).toHaveLength(2);
    expect(linux?.memory?.workingSetBytes?.value).toBeGreaterThan(members.reduce((a, b) => a + b, 0n));
  });

  it('counts what comes in over the network', async () => {
    const pod = await pods.run();
    const received = async () => (await podStatsOf(pod.id))?.linux?.network?.defaultInterface?.rxBytes?.value ?? 0n;
    const before = await received();
    const [address] = Object.values((await inspect(pod.id)).NetworkSettings?.Networks ?? {});
    const sender = await pods.started(await pods.run(), {
      command: ['sh', '-c', `while :; do echo hello | nc -u -w 1 ${address?.IPAddress} 9; done`],
    });

    expect(await until(received, (bytes) => bytes > before)).toBeGreaterThan(before);
    await docker('kill', sender);
  });

  it("says nothing of the network of a pod on the host's", async () => {
    const namespaces = { network: NamespaceMode.NODE };
    const pod = await pods.run({ linux: { securityContext: { namespaceOptions: namespaces } } });

    const linux = (await podStatsOf(pod.id))?.linux;

    expect(linux?.cpu).toBeDefined();
    expect(linux?.network).toBeUndefined();
  });

  it('has attributes and nothing else of a stopped pod, and refuses an unknown one', async () => {
    const pod = await pods.run();
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.id });

    expect(await podStatsOf(pod.id)).toMatchObject({ attributes: { id: pod.id }, linux: { cpu: undefined } });
    await expect(podStatsOf(NOBODY)).rejects.toMatchObject(refusal('NOT_FOUND'));
  });
});

describe('ListPodSandboxStats', () => {
  it('has the pods that run, each with its own containers, and filters them', async () => {
    const [web, database, stopped] = [
      await pods.run({ labels: { app: 'web' } }),
      await pods.run({ labels: { app: 'database' } }),
      await pods.run({ labels: { app: 'web' } }),
    ];
    const [inWeb, inDatabase] = [await pods.started(web), await pods.started(database)];
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: stopped.id });

    const all = await listPods();

    const containersOf = (id: string) =>
      idsOf(all.find(({ attributes }) => attributes?.id === id)?.linux?.containers ?? []);
    expect(containersOf(web.id)).toEqual([inWeb]);
    expect(containersOf(database.id)).toEqual([inDatabase]);
    expect(idsOf(all)).not.toContain(stopped.id);
    expect(idsOf(await listPods({ id: web.id.slice(0, 20) }))).toEqual([web.id]);
    expect(idsOf(await listPods({ id: web.id, labelSelector: { app: 'database' } }))).toEqual([]);
  });
});
