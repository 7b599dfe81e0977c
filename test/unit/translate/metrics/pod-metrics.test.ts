import { MetricType, type Metric } from '../../../../generated/runtime/v1/api';
import type { MeasuredContainer } from '../../../../src/translate/metrics/measured';
import { containerMetrics, metricDescriptors, podMetrics } from '../../../../src/translate/metrics/pod-metrics';
import { readResources } from '../../../../src/translate/resources';

const SECOND = 1_000_000_000n;
const AT = 1_700_000_000n * SECOND + 5n;
const LINE = { avg10: 1, avg60: 2, avg300: 3, totalNanoseconds: 3n * SECOND };
const PRESSURE = { some: LINE, full: { ...LINE, totalNanoseconds: 2n * SECOND } };
const MEASURED: MeasuredContainer = {
  reading: {
    usage: {
      at: AT,
      cpuNanoseconds: 7n * SECOND + 999_999_999n,
      memory: { usage: 1000n, inactiveFile: 300n, rss: 400n, pageFaults: 15n, majorPageFaults: 16n, limit: 5000n },
      swap: { usage: 10n, limit: undefined },
      tasks: 3n,
      pressure: { cpu: PRESSURE, memory: PRESSURE, io: PRESSURE },
    },
    nanoCores: undefined,
    writableLayer: { at: 0, bytes: 4096n, inodes: 2n },
    details: {
      cpu: { user: 5n * SECOND, system: 2n * SECOND, periods: 10n, throttledPeriods: 4n, throttled: 9n * SECOND },
      memory: {
        cache: 600n,
        kernel: 50n,
        mappedFile: 60n,
        peak: 2000n,
        limitHits: 8n,
        ownPageFaults: 11n,
        ownMajorPageFaults: 12n,
        oomKills: 1n,
        reservation: 0n,
      },
      io: [
        {
          device: '8:0',
          bytes: new Map([
            ['Read', 100n],
            ['Write', 200n],
          ]),
          operations: new Map([
            ['Read', 1n],
            ['Write', 2n],
          ]),
        },
      ],
      hugepages: [{ size: '2MB', usage: 4n, peak: 6n }],
      mostTasks: 0n,
    },
    processes: { processes: 2n, descriptors: 20n, sockets: 5n },
    openFilesLimit: 1024n,
  },
  fileSystem: { device: '/dev/vda1', bytes: 10_000n, inodes: 100n, inodesFree: 40n },
  deviceName: (numbers) => `/dev/${numbers === '8:0' ? 'sda' : numbers}`,
  startedAt: 1_600_000_000n * SECOND,
  resources: readResources({
    CpuPeriod: 50_000,
    CpuQuota: 20_000,
    CpuShares: 512,
    Memory: 5000,
    MemorySwap: -1,
  }),
};
const NOTHING: MeasuredContainer = {
  ...MEASURED,
  reading: {
    usage: {
      at: AT,
      cpuNanoseconds: undefined,
      memory: undefined,
      swap: undefined,
      tasks: undefined,
      pressure: { cpu: undefined, memory: undefined, io: undefined },
    },
    nanoCores: undefined,
    writableLayer: undefined,
    details: {
      cpu: {
        user: undefined,
        system: undefined,
        periods: undefined,
        throttledPeriods: undefined,
        throttled: undefined,
      },
      memory: {
        cache: undefined,
        kernel: undefined,
        mappedFile: undefined,
        peak: undefined,
        limitHits: undefined,
        ownPageFaults: undefined,
        ownMajorPageFaults: undefined,
        oomKills: undefined,
        reservation: undefined,
      },
      io: [],
      hugepages: [],
      mostTasks: undefined,
    },
    processes: undefined,
    openFilesLimit: undefined,
  },
  fileSystem: undefined,
  resources: undefined,
};

const POD = { pod: 'web-0', namespace: 'shop', id: 's1' };
const CONTAINER = { ...POD, container: 'nginx', id: 'c1', image: 'nginx:1' };
const ETH0 = {
  name: 'eth0',
  rxBytes: 1n,
  rxPackets: 2n,
  rxErrors: 3n,
  rxDropped: 4n,
  txBytes: 5n,
  txPackets: 6n,
  txErrors: 7n,
  txDropped: 8n,
};

/** The name with the metric's own labels, and the value. */
function shown(metrics: readonly Metric[]): string[] {
  return metrics.map(({ name, labelValues, value }) => {
    const own = labelValues.slice(5);
    return `${name.replace('container_', '')}${own.length > 0 ? `{${own.join()}}` : ''} ${value?.value}`;
  });
}

test('has every value of a container, in whole seconds and bytes', () => {
  const { metrics, containerId } = containerMetrics(CONTAINER, MEASURED);

  expect(containerId).toBe('c1');
  expect(shown(metrics).sort()).toEqual(
    `
    cpu_usage_seconds_total{total} 7
    cpu_user_seconds_total 5
    cpu_system_seconds_total 2
    cpu_cfs_periods_total 10
    cpu_cfs_throttled_periods_total 4
    cpu_cfs_throttled_seconds_total 9
    memory_usage_bytes 1000
    memory_working_set_bytes 700
    memory_rss 400
    memory_swap 10
    memory_cache 600
    memory_kernel_usage 50
    memory_mapped_file 60
    memory_max_usage_bytes 2000
    memory_failcnt 8
    memory_failures_total{pgfault,container} 11
    memory_failures_total{pgmajfault,container} 12
    memory_failures_total{pgfault,hierarchy} 15
    memory_failures_total{pgmajfault,hierarchy} 16
    oom_events_total 1
    hugetlb_usage_bytes{2MB} 4
    hugetlb_max_usage_bytes{2MB} 6
    pressure_cpu_waiting_seconds_total 3
    pressure_cpu_stalled_seconds_total 2
    pressure_memory_waiting_seconds_total 3
    pressure_memory_stalled_seconds_total 2
    pressure_io_waiting_seconds_total 3
    pressure_io_stalled_seconds_total 2
    fs_inodes_free{/dev/vda1} 40
    fs_inodes_total{/dev/vda1} 100
    fs_limit_bytes{/dev/vda1} 10000
    fs_usage_bytes{/dev/vda1} 4096
    fs_reads_bytes_total{/dev/sda} 100
    fs_reads_total{/dev/sda} 1
    fs_writes_bytes_total{/dev/sda} 200
    fs_writes_total{/dev/sda} 2
    blkio_device_usage_total{/dev/sda,8,0,Read} 100
    blkio_device_usage_total{/dev/sda,8,0,Write} 200
    processes 2
    file_descriptors 20
    sockets 5
    threads 3
    threads_max 0
    ulimits_soft{max_open_files} 1024
    last_seen 1700000000
    start_time_seconds 1600000000
    spec_cpu_period 50000
    spec_cpu_quota 20000
    spec_cpu_shares 512
    spec_memory_limit_bytes 5000
    spec_memory_swap_limit_bytes 0
    spec_memory_reservation_limit_bytes 0`
      .trim()
      .split(/\n\s*/)
      .sort(),
  );
});

test('says whose a value is, and when it was read', () => {
  const [metric] = containerMetrics(CONTAINER, MEASURED).metrics;

  expect(metric).toEqual({
    name: 'container_cpu_usage_seconds_total',
    timestamp: AT,
    metricType: MetricType.COUNTER,
    labelValues: ['web-0', 'shop', 'nginx', 'c1', 'nginx:1', 'total'],
    value: { value: 7n },
  });
});

test('what the kernel does not tell has no value', () => {
  expect(shown(containerMetrics(CONTAINER, NOTHING).metrics)).toEqual([
    'last_seen 1700000000',
    'start_time_seconds 1600000000',
  ]);
});

test('a container without limits has those of the kernel', () => {
  const { metrics } = containerMetrics(CONTAINER, { ...MEASURED, resources: readResources({}) });

  expect(shown(metrics).filter((metric) => metric.startsWith('spec_'))).toEqual([
    'spec_cpu_period 100000',
    'spec_cpu_shares 1024',
    'spec_memory_limit_bytes 0',
    'spec_memory_swap_limit_bytes 0',
    'spec_memory_reservation_limit_bytes 0',
  ]);
});

describe('a sandbox', () => {
  const { usage } = MEASURED.reading;
  const reading = { usage, wholePod: true, nanoCores: undefined, network: [ETH0] };

  test('has its network under the name POD, and the whole pod without a name', () => {
    const { podSandboxId, metrics } = podMetrics(POD, reading, []);

    expect(podSandboxId).toBe('s1');
    expect(shown(metrics.filter(({ labelValues }) => labelValues[2] === 'POD'))).toEqual([
      'network_receive_bytes_total{eth0} 1',
      'network_receive_packets_total{eth0} 2',
      'network_receive_packets_dropped_total{eth0} 4',
      'network_receive_errors_total{eth0} 3',
      'network_transmit_bytes_total{eth0} 5',
      'network_transmit_packets_total{eth0} 6',
      'network_transmit_packets_dropped_total{eth0} 8',
      'network_transmit_errors_total{eth0} 7',
    ]);
    expect(shown(metrics.filter(({ labelValues }) => labelValues[2] === ''))).toContain('memory_working_set_bytes 700');
  });

  test('without a cgroup of its own has its network alone', () => {
    expect(podMetrics(POD, { ...reading, wholePod: false }, []).metrics).toHaveLength(8);
  });

  test.each([[undefined], [{ ...reading, wholePod: false, network: undefined }]])('with %j has nothing', (nothing) => {
    expect(podMetrics(POD, nothing, [containerMetrics(CONTAINER, MEASURED)])).toMatchObject({
      metrics: [],
      containerMetrics: [{ containerId: 'c1' }],
    });
  });

  test('no two values have the same name and labels: a scrape with two fails as a whole', () => {
    const all = podMetrics(POD, reading, [containerMetrics(CONTAINER, MEASURED)]);
    const keys = [...all.metrics, ...all.containerMetrics.flatMap(({ metrics }) => metrics)].map(
      ({ name, labelValues }) => JSON.stringify([name, labelValues]),
    );

    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('descriptors', () => {
  /** Those that the conformance suite wants; `seconds`, `bytes` and so on are parts of the names. */
  const EXPECTED = `blkio_device_usage_total cpu_cfs_periods_total cpu_cfs_throttled_periods_total
    cpu_cfs_throttled_seconds_total cpu_system_seconds_total cpu_usage_seconds_total cpu_user_seconds_total
    file_descriptors fs_inodes_free fs_inodes_total fs_limit_bytes fs_reads_bytes_total fs_reads_total fs_usage_bytes
    fs_writes_bytes_total fs_writes_total hugetlb_max_usage_bytes hugetlb_usage_bytes last_seen memory_cache
    memory_failcnt memory_failures_total memory_kernel_usage memory_mapped_file memory_max_usage_bytes memory_rss
    memory_swap memory_usage_bytes memory_working_set_bytes network_receive_bytes_total network_receive_errors_total
    network_receive_packets_dropped_total network_receive_packets_total network_transmit_bytes_total
    network_transmit_errors_total network_transmit_packets_dropped_total network_transmit_packets_total
    oom_events_total pressure_cpu_stalled_seconds_total pressure_cpu_waiting_seconds_total
    pressure_io_stalled_seconds_total pressure_io_waiting_seconds_total pressure_memory_stalled_seconds_total
    pressure_memory_waiting_seconds_total processes sockets spec_cpu_period spec_cpu_quota spec_cpu_shares
    spec_memory_limit_bytes spec_memory_reservation_limit_bytes spec_memory_swap_limit_bytes start_time_seconds threads
    threads_max ulimits_soft`
    .split(/\s+/)
    .map((name) => `container_${name}`);

  test('are the 56 of the conformance suite', () => {
    expect(
      metricDescriptors()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(EXPECTED);
    expect(EXPECTED).toHaveLength(56);
  });

  test('have as many label keys as every value has label values, and help', () => {
    const { usage } = MEASURED.reading;
    const reading = { usage, wholePod: true, nanoCores: undefined, network: [ETH0] };
    const keys = new Map(metricDescriptors().map(({ name, labelKeys }) => [name, labelKeys]));
    const all = [...podMetrics(POD, reading, []).metrics, ...containerMetrics(CONTAINER, MEASURED).metrics];

    for (const { name } of all) expect([name, keys.get(name)]).toEqual([name, expect.any(Array)]);
    for (const { name, labelValues } of all) expect(labelValues).toHaveLength(keys.get(name)?.length ?? 0);
    expect(new Set(all.map(({ name }) => name)).size).toBe(56);
    expect(metricDescriptors().filter(({ help }) => help === '')).toEqual([]);
    for (const labelKeys of keys.values())
      expect(labelKeys.slice(0, 5)).toEqual(['pod', 'namespace', 'container', 'id', 'image']);
  });
});
