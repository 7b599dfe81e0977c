import { readFileSync } from 'node:fs';
import {
  ListMetricDescriptorsRequest,
  ListPodSandboxMetricsRequest,
  MetricType,
  NamespaceMode,
  RuntimeServiceService as Runtime,
  StreamPodSandboxMetricsRequest,
  type Metric,
  type PodSandboxMetrics,
} from '../../generated/runtime/v1/api';
import { EngineConnection } from '../../src/docker/connection';
import { aCall } from '../support/a-call';
import { docker, ENGINE_SOCKET, inspect, TEST_CGROUP } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;

let shim: ShimUnderTest;
let pods: TestPods;
let connection: EngineConnection;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  connection = new EngineConnection(ENGINE_SOCKET);
});

afterAll(async () => {
  connection.close();
  await shim.stop();
});

/** The parts of GET /containers/ID/stats that are compared. */
interface DockerStats {
  readonly memory_stats: {
    readonly usage: number;
    readonly max_usage?: number;
    readonly stats: Readonly<Record<string, number>>;
  };
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number; readonly usage_in_usermode: number };
    readonly throttling_data: {
      readonly periods: number;
      readonly throttled_periods: number;
      readonly throttled_time: number;
    };
  };
  readonly pids_stats: { readonly current: number };
  readonly networks?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function dockerStats(id: string): Promise<DockerStats> {
  const query = { stream: 'false', 'one-shot': 'true' };
  const call = { method: 'GET', path: `/containers/${id}/stats`, query, signal: aCall().ctx.signal };
  return (await connection.json(call)) as DockerStats;
}

async function listMetrics(): Promise<PodSandboxMetrics[]> {
  return (await shim.call(Runtime.listPodSandboxMetrics, ListPodSandboxMetricsRequest.fromPartial({}))).podMetrics;
}

async function ofPod(id: string): Promise<PodSandboxMetrics> {
  const found = (await listMetrics()).find(({ podSandboxId }) => podSandboxId === id);
  if (found === undefined) throw new Error(`no metrics of pod ${id}`);
  return found;
}

async function ofContainer(podId: string, id: string): Promise<Metric[]> {
  const found = (await ofPod(podId)).containerMetrics.find(({ containerId }) => containerId === id);
  if (found === undefined) throw new Error(`no metrics of container ${id}`);
  return found.metrics;
}

/** The value of a metric, of those of its own labels that begin so; undefined when there is none. */
function value(metrics: readonly Metric[], name: string, ...labels: string[]): number | undefined {
  const found = metrics.find(
    (metric) =>
      metric.name === `container_${name}` &&
      labels.every((label, at) => metric.labelValues[COMMON.length + at] === label),
  );
  return found?.value && Number(found.value.value);
}

const COMMON = ['pod', 'namespace', 'container', 'id', 'image'];

/** Asks until the answer is as wanted; jest's timeout is the patience. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('every metric has a descriptor, with as many labels', async () => {
  const pod = await pods.run();
  await pods.started(pod);
  const { descriptors } = await shim.call(Runtime.listMetricDescriptors, ListMetricDescriptorsRequest.fromPartial({}));
  const labels = new Map(descriptors.map(({ name, labelKeys }) => [name, labelKeys.length]));

  const { metrics, containerMetrics } = await ofPod(pod.id);

  expect(descriptors).toHaveLength(56);
  for (const { name, labelValues } of [...metrics, ...containerMetrics.flatMap((one) => one.metrics)]) {
    expect([name, labelValues.length]).toEqual([name, labels.get(name)]);
  }
});

test('a metric says whose it is, of what kind, and when it was read', async () => {
  const pod = await pods.run();
  const from = BigInt(Date.now()) * 1_000_000n;
  const id = await pods.started(pod);

  const metrics = await ofContainer(pod.id, id);

  const { metadata } = pod.config;
  const { metadata: own } = await pods.status(id);
  for (const { labelValues, timestamp } of metrics) {
    expect(labelValues.slice(0, COMMON.length)).toEqual([
      metadata?.name,
      metadata?.namespace,
      own?.name,
      id,
      pods.image,
    ]);
    expect(timestamp).toBeGreaterThanOrEqual(from);
  }
  const typeOf = (name: string) => metrics.find((metric) => metric.name === name)?.metricType;
  expect(typeOf('container_cpu_usage_seconds_total')).toBe(MetricType.COUNTER);
  expect(typeOf('container_memory_usage_bytes')).toBe(MetricType.GAUGE);
});

test("memory and processes are those of Docker's own statistics", async () => {
  const pod = await pods.run();
  const id = await pods.started(pod);
  await pods.script(id, 'dd if=/dev/zero of=/file bs=1M count=20 2>/dev/null');

  const { memory_stats: memory, pids_stats: pids } = await dockerStats(id);
  const metrics = await ofContainer(pod.id, id);

  const near = (name: string, expected: number | undefined) => {
    expect([name, Math.abs((value(metrics, name) ?? -MIB) - (expected ?? MIB)) < MIB]).toEqual([name, true]);
  };
  near('memory_usage_bytes', memory.usage);
  near('memory_cache', memory.stats['total_cache'] ?? memory.stats['file']);
  near('memory_rss', memory.stats['total_rss'] ?? memory.stats['anon']);
  near('memory_mapped_file', memory.stats['total_mapped_file'] ?? memory.stats['file_mapped']);
  if (memory.max_usage !== undefined) near('memory_max_usage_bytes', memory.max_usage);
  expect(value(metrics, 'memory_cache')).toBeGreaterThan(19 * MIB);
  expect(value(metrics, 'memory_failures_total', 'pgfault', 'hierarchy')).toBe(
    memory.stats['total_pgfault'] ?? memory.stats['pgfault'],
  );
  expect(value(metrics, 'threads')).toBe(pids.current);
});

test('CPU time and its throttling are those of Docker’s own statistics', async () => {
  const linux = { resources: { cpuPeriod: 100_000n, cpuQuota: 10_000n } };
  const pod = await pods.run();
  const id = await pods.started(pod, { command: ['sh', '-c', 'while :; do :; done'], linux });
  await until(
    () => ofContainer(pod.id, id),
    (found) => (value(found, 'cpu_usage_seconds_total', 'total') ?? 0) >= 1,
  );

  const { cpu_stats: before } = await dockerStats(id);
  const metrics = await ofContainer(pod.id, id);
  const { cpu_stats: after } = await dockerStats(id);
  await docker('kill', id);

  const between = (name: string, of: (stats: DockerStats['cpu_stats']) => number) => {
    const [least, most] = [Math.floor(of(before)), Math.floor(of(after))];
    const found = value(metrics, name) ?? NaN;
    expect([name, found, found >= least && found <= most]).toEqual([name, found, true]);
  };
  between('cpu_usage_seconds_total', ({ cpu_usage: { total_usage: total } }) => total / 1e9);
  between('cpu_user_seconds_total', ({ cpu_usage: { usage_in_usermode: user } }) => user / 1e9);
  between('cpu_cfs_periods_total', ({ throttling_data: { periods } }) => periods);
  between('cpu_cfs_throttled_periods_total', ({ throttling_data: { throttled_periods: throttled } }) => throttled);
  between('cpu_cfs_throttled_seconds_total', ({ throttling_data: { throttled_time: time } }) => time / 1e9);
  expect(value(metrics, 'cpu_cfs_throttled_periods_total')).toBeGreaterThan(0);
  expect(value(metrics, 'spec_cpu_quota')).toBe(10_000);
});

test('a pod’s network is that of Docker’s own statistics, under the name POD', async () => {
  const pod = await pods.run();

  const { metrics } = await ofPod(pod.id);

  const { networks } = await dockerStats(pod.id);
  const eth0 = networks?.['eth0'];
  expect(metrics.find(({ name }) => name.startsWith('container_network_'))?.labelValues).toEqual([
    pod.config.metadata?.name,
    pod.config.metadata?.namespace,
    'POD',
    pod.id,
    '',
    'eth0',
  ]);
  expect(value(metrics, 'network_receive_bytes_total', 'eth0')).toBeLessThanOrEqual(eth0?.['rx_bytes'] ?? -1);
  expect(value(metrics, 'network_transmit_packets_total', 'eth0')).toBeLessThanOrEqual(eth0?.['tx_packets'] ?? -1);
});

test('a pod on the network of its node has no network of its own', async () => {
  const namespaces = { network: NamespaceMode.NODE };
  const pod = await pods.run({ linux: { securityContext: { namespaceOptions: namespaces } } });

  expect((await ofPod(pod.id)).metrics).toEqual([]);
});

test('a pod with a cgroup of its own has what the whole pod uses', async () => {
  const pod = await pods.run({ linux: { cgroupParent: `${TEST_CGROUP}/metrics-pod` } });
  const id = await pods.started(pod);

  const { metrics, containerMetrics } = await ofPod(pod.id);

  const container = containerMetrics.find(({ containerId }) => containerId === id)?.metrics ?? [];
  const whole = metrics.filter(({ labelValues }) => labelValues[COMMON.indexOf('container')] === '');
  expect(value(whole, 'memory_usage_bytes')).toBeGreaterThan(value(container, 'memory_usage_bytes') ?? Infinity);
});

test('descriptors, sockets and limits are those of its processes', async () => {
  const pod = await pods.run();
  const id = await pods.started(pod, { command: ['sh', '-c', 'exec nc -l -p 80'] });
  const { Pid: pid } = (await inspect(id)).State;
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];

  const metrics = await until(
    () => ofContainer(pod.id, id),
    (found) => value(found, 'sockets') === 1,
  );

  expect(value(metrics, 'processes')).toBe(1);
  expect(value(metrics, 'file_descriptors')).toBe(4);
  expect(value(metrics, 'ulimits_soft', 'max_open_files')).toBe(Number(limit));
});

test('limits are as they were set, and as they were updated', async () => {
  const resources = { memoryLimitInBytes: BigInt(64 * MIB), memorySwapLimitInBytes: BigInt(64 * MIB), cpuShares: 512n };
  const pod = await pods.run();
  const id = await pods.started(pod, { linux: { resources } });
  const limits = async () => {
    const metrics = await ofContainer(pod.id, id);
    return ['memory_limit_bytes', 'memory_swap_limit_bytes', 'cpu_shares', 'cpu_period', 'cpu_quota'].map((name) =>
      value(metrics, `spec_${name}`),
    );
  };
  expect(await limits()).toEqual([64 * MIB, 64 * MIB, 512, 100_000, undefined]);

  await docker('update', '--memory', '128m', '--memory-swap', '128m', '--cpu-shares', '256', id);

  expect(await until(limits, ([memory]) => memory !== 64 * MIB)).toEqual([
    128 * MIB,
    128 * MIB,
    256,
    100_000,
    undefined,
  ]);
});

test('the writable layer and its file system are measured', async () => {
  const pod = await pods.run();
  const id = await pods.started(pod);
  await pods.script(id, 'dd if=/dev/zero of=/file bs=1M count=3 2>/dev/null');

  const metrics = await until(
    () => ofContainer(pod.id, id),
    (found) => value(found, 'fs_usage_bytes') !== undefined,
  );

  expect(value(metrics, 'fs_usage_bytes')).toBeGreaterThanOrEqual(3 * MIB);
  expect(value(metrics, 'fs_limit_bytes')).toBeGreaterThan(value(metrics, 'fs_usage_bytes') ?? Infinity);
  expect(value(metrics, 'fs_inodes_total')).toBeGreaterThan(value(metrics, 'fs_inodes_free') ?? Infinity);
});

test('kills for want of memory are counted', async () => {
  const resources = { memoryLimitInBytes: BigInt(16 * MIB), memorySwapLimitInBytes: BigInt(16 * MIB) };
  const pod = await pods.run();
  const id = await pods.started(pod, { linux: { resources } });
  expect(value(await ofContainer(pod.id, id), 'oom_events_total')).toBe(0);

  await pods.script(id, 'dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null || true');

  expect(value(await ofContainer(pod.id, id), 'oom_events_total')).toBe(1);
});

test('what does not run has none, and the stream has the same pods', async () => {
  const pod = await pods.run();
  const stopped = await pods.run();
  const created = await pods.create(pod);
  const running = await pods.started(pod);
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: stopped.id });

  const listed = await listMetrics();
  const streamed: PodSandboxMetrics[] = [];
  const request = StreamPodSandboxMetricsRequest.fromPartial({});
  for await (const part of shim.client.stream(Runtime.streamPodSandboxMetrics, request)) {
    streamed.push(...part.podSandboxMetrics);
  }

  const idsOf = (all: readonly PodSandboxMetrics[]) => all.map(({ podSandboxId }) => podSandboxId);
  expect(idsOf(listed)).toContain(pod.id);
  expect(idsOf(listed)).not.toContain(stopped.id);
  expect(idsOf(streamed)).toEqual(idsOf(listed));
  const containers = listed.flatMap(({ containerMetrics }) => containerMetrics.map(({ containerId }) => containerId));
  expect(containers).toContain(running);
  expect(containers).not.toContain(created);
});
