import type { ContainerReading } from '../../../src/stats/container-meter';
import type { PodReading } from '../../../src/stats/pod-meter';
import type { CgroupUsage } from '../../../src/stats/usage';
import { toPodSandboxStats } from '../../../src/translate/pod-stats';
import { containerAttributes, sandboxAttributes, toContainerStats } from '../../../src/translate/stats';

const AT = 1_700_000_000_123_000_000n;
const LINE = { avg10: 1.5, avg60: 2.5, avg300: 3.5, totalNanoseconds: 9000n };
const PSI_DATA = { Avg10: 1.5, Avg60: 2.5, Avg300: 3.5, Total: 9000n };
const PRESSURE = { some: LINE, full: { ...LINE, totalNanoseconds: 0n } };
const PSI = { Some: PSI_DATA, Full: { ...PSI_DATA, Total: 0n } };
const MEMORY = { usage: 1000n, inactiveFile: 300n, rss: 400n, pageFaults: 5n, majorPageFaults: 6n, limit: 5000n };
const USAGE: CgroupUsage = {
  at: AT,
  cpuNanoseconds: 77n,
  memory: MEMORY,
  swap: { usage: 10n, limit: 50n },
  tasks: 3n,
  pressure: { cpu: PRESSURE, memory: PRESSURE, io: PRESSURE },
};
const BARE: CgroupUsage = {
  at: AT,
  cpuNanoseconds: undefined,
  memory: undefined,
  swap: undefined,
  tasks: undefined,
  pressure: { cpu: undefined, memory: undefined, io: undefined },
};
const READING: ContainerReading = {
  usage: USAGE,
  nanoCores: 250_000_000n,
  writableLayer: { at: 1_600_000_000_500, bytes: 4096n, inodes: 2n },
};
const CONTAINER = containerAttributes({
  id: 'c1',
  metadata: { name: 'web', attempt: 4 },
  labels: { app: 'web' },
  annotations: { note: 'x' },
});
const SANDBOX = sandboxAttributes({
  id: 's1',
  metadata: { name: 'pod', namespace: 'ns', uid: 'uid', attempt: 2 },
  labels: {},
  annotations: {},
});

const value = (number: bigint) => ({ value: number });
const stats = (reading: ContainerReading | undefined) => toContainerStats(CONTAINER, reading, '/var/lib/docker');

describe('a container', () => {
  test('has everything that the kernel gives', () => {
    expect(stats(READING)).toEqual({
      attributes: {
        id: 'c1',
        metadata: { name: 'web', attempt: 4 },
        labels: { app: 'web' },
        annotations: { note: 'x' },
      },
      cpu: { timestamp: AT, usageCoreNanoSeconds: value(77n), usageNanoCores: value(250_000_000n), psi: PSI },
      memory: {
        timestamp: AT,
        workingSetBytes: value(700n),
        availableBytes: value(4300n),
        usageBytes: value(1000n),
        rssBytes: value(400n),
        pageFaults: value(5n),
        majorPageFaults: value(6n),
        psi: PSI,
      },
      swap: { timestamp: AT, swapAvailableBytes: value(40n), swapUsageBytes: value(10n) },
      io: { timestamp: AT, psi: PSI },
      writableLayer: {
        timestamp: 1_600_000_000_500_000_000n,
        fsId: { mountpoint: '/var/lib/docker' },
        usedBytes: value(4096n),
        inodesUsed: value(2n),
      },
    });
  });

  test.each([
    ['that the kernel accounts nothing of', { ...READING, usage: BARE, writableLayer: undefined }],
    ['that does not run', undefined],
  ])('%s has its attributes', (_what, reading) => {
    expect(stats(reading)).toEqual({
      attributes: CONTAINER,
      cpu: undefined,
      memory: undefined,
      swap: undefined,
      io: undefined,
      writableLayer: undefined,
    });
  });

  test.each([
    ['all of it droppable', { inactiveFile: 1000n }, 0n, 5000n],
    ['more droppable than used, as read at two times', { inactiveFile: 1001n }, 0n, 5000n],
    ['a limit that was lowered', { limit: 600n }, 700n, 0n],
    ['no limit', { limit: undefined }, 700n, undefined],
  ])('working set and available memory: %s', (_what, memory, workingSet, available) => {
    const found = stats({ ...READING, usage: { ...USAGE, memory: { ...MEMORY, ...memory } } }).memory;

    expect([found?.workingSetBytes?.value, found?.availableBytes?.value]).toEqual([workingSet, available]);
  });

  test.each([
    [{ usage: 10n, limit: undefined }, undefined],
    [{ usage: 10n, limit: 0n }, 0n],
    [{ usage: 10n, limit: 10n }, 0n],
  ])('available swap of %p', (swap, available) => {
    expect(stats({ ...READING, usage: { ...USAGE, swap } }).swap?.swapAvailableBytes?.value).toBe(available);
  });

  test('has no rate before there are two readings', () => {
    expect(stats({ ...READING, nanoCores: undefined }).cpu).toMatchObject({ usageNanoCores: undefined });
  });
});

describe('a pod', () => {
  const eth0 = {
    name: 'eth0',
    rxBytes: 1n,
    rxPackets: 11n,
    rxErrors: 2n,
    rxDropped: 12n,
    txBytes: 3n,
    txPackets: 13n,
    txErrors: 4n,
    txDropped: 14n,
  };
  const net1 = { ...eth0, name: 'net1' };
  const pod: PodReading = { usage: USAGE, wholePod: true, nanoCores: 9n, network: [net1, eth0] };
  const linux = (reading: PodReading | undefined, members: ContainerReading[] = []) =>
    toPodSandboxStats(SANDBOX, reading, members, members.map(stats)).linux;

  test('with a cgroup has what the kernel gives of that', () => {
    const found = toPodSandboxStats(SANDBOX, pod, [READING], [stats(READING)]);

    expect(found.attributes).toMatchObject({
      id: 's1',
      metadata: { name: 'pod', namespace: 'ns', uid: 'uid', attempt: 2 },
    });
    expect(found.linux).toMatchObject({
      cpu: { timestamp: AT, usageCoreNanoSeconds: value(77n), usageNanoCores: value(9n), psi: PSI },
      memory: { workingSetBytes: value(700n), availableBytes: value(4300n), psi: PSI },
      process: { timestamp: AT, processCount: value(3n) },
      io: { timestamp: AT, psi: PSI },
      containers: [{ attributes: { id: 'c1' } }],
    });
    expect(found.windows).toBeUndefined();
  });

  test('without a cgroup has the sum of its containers, and nothing that cannot be added up', () => {
    const found = linux({ ...pod, wholePod: false }, [READING, READING]);

    expect(found?.cpu).toEqual({
      timestamp: AT,
      usageCoreNanoSeconds: value(3n * 77n),
      usageNanoCores: value(500_000_009n),
      psi: undefined,
    });
    expect(found?.memory).toEqual({
      timestamp: AT,
      workingSetBytes: value(2100n),
      availableBytes: undefined,
      usageBytes: value(3000n),
      rssBytes: value(1200n),
      pageFaults: value(15n),
      majorPageFaults: value(18n),
      psi: undefined,
    });
    expect(found?.process?.processCount).toEqual(value(9n));
    expect(found?.io).toBeUndefined();
  });

  test('has no sum of what is missing in one', () => {
    const found = linux({ ...pod, wholePod: false }, [READING, { ...READING, nanoCores: undefined, usage: BARE }]);

    expect(found).toMatchObject({ cpu: undefined, memory: undefined, process: undefined });
  });

  const usage = ({ name }: { name: string }) => ({
    name,
    rxBytes: value(1n),
    rxErrors: value(2n),
    txBytes: value(3n),
    txErrors: value(4n),
  });

  test.each([
    ['the one with the usual name and others', [net1, eth0], usage(eth0), [usage(net1)]],
    ['others alone', [net1], usage(net1), []],
  ])('has interfaces: %s', (_what, network, defaultInterface, interfaces) => {
    expect(linux({ ...pod, network })?.network).toEqual({ timestamp: AT, defaultInterface, interfaces });
  });

  test.each([
    ["on the host's", undefined],
    ['while it has no interface yet, as the kubelet would panic without a default one', []],
  ])('has no network %s', (_what, network) => {
    expect(linux({ ...pod, network })?.network).toBeUndefined();
  });

  test('that does not run has an empty Linux part, which the kubelet reads without asking', () => {
    expect(linux(undefined)).toEqual({
      cpu: undefined,
      memory: undefined,
      network: undefined,
      process: undefined,
      io: undefined,
      containers: [],
    });
  });
});
