import fc from 'fast-check';
import { LinuxContainerResources } from '../../../generated/runtime/v1/api';
import type { Resources } from '../../../src/docker/types';
import {
  checkResources,
  dockerResources,
  dockerUpdate,
  hasResources,
  readResources,
  resourcesInForce,
} from '../../../src/translate/resources';
import { refusal } from '../../support/refusal';
import { testFields, type FieldTable } from '../../support/field-table';

type Given = Parameters<typeof LinuxContainerResources.fromPartial>[0];

const MOST = BigInt(Number.MAX_SAFE_INTEGER);
const MIB = 1024n * 1024n;
const HOST = { cgroupV2: true, hugepageSizes: ['2MB'], swapLimit: true };

const FIELDS: FieldTable<LinuxContainerResources, Given, Resources> = {
  cpuPeriod: [
    [{ cpuPeriod: 0n }, {}],
    [{ cpuPeriod: 1_000n }, { CpuPeriod: 1_000 }],
    [{ cpuPeriod: 1_000_000n }, { CpuPeriod: 1_000_000 }],
    [{ cpuPeriod: 999n }, /^InvalidArgument: r\.cpu_period must be between 1000 and 1000000 microseconds: 999/],
    [{ cpuPeriod: 1_000_001n }, /^InvalidArgument: r\.cpu_period must be between/],
    [{ cpuPeriod: -1n }, /^InvalidArgument: r\.cpu_period must be between 0 and 9007199254740991: -1/],
    [{ cpuPeriod: MOST + 1n }, /^InvalidArgument: r\.cpu_period/],
  ],
  cpuQuota: [
    [{ cpuQuota: 0n }, {}],
    [{ cpuQuota: 1_000n }, { CpuQuota: 1_000 }],
    [{ cpuQuota: 999n }, /^InvalidArgument: r\.cpu_quota must be at least 1000 microseconds: 999/],
    [{ cpuQuota: -1n }, { CpuQuota: -1 }],
    [{ cpuQuota: -2n }, /^InvalidArgument: r\.cpu_quota must be between -1 and 9007199254740991: -2/],
    [{ cpuQuota: MOST + 1n }, /^InvalidArgument: r\.cpu_quota/],
  ],
  cpuShares: [
    [{ cpuShares: 0n }, {}],
    [{ cpuShares: 2n }, { CpuShares: 2 }],
    [{ cpuShares: 262_144n }, { CpuShares: 262_144 }],
    // As the kernel has it.
    [{ cpuShares: 1n }, { CpuShares: 2 }],
    [{ cpuShares: MOST }, { CpuShares: 262_144 }],
    [{ cpuShares: -1n }, /^InvalidArgument: r\.cpu_shares/],
  ],
  memoryLimitInBytes: [
    [{ memoryLimitInBytes: 0n }, {}],
    // Docker by itself would allow as much swap again.
    [{ memoryLimitInBytes: 6n * MIB }, { Memory: 6_291_456, MemorySwap: 6_291_456 }],
    [{ memoryLimitInBytes: 6n * MIB - 1n }, /^InvalidArgument: r\.memory_limit_in_bytes must be at least 6 MiB/],
    [{ memoryLimitInBytes: MOST }, { Memory: Number(MOST), MemorySwap: Number(MOST) }],
    [{ memoryLimitInBytes: MOST + 1n }, /^InvalidArgument: r\.memory_limit_in_bytes/],
    // No limit.
    [{ memoryLimitInBytes: -1n }, {}],
    [{ memoryLimitInBytes: -2n }, /^InvalidArgument: r\.memory_limit_in_bytes must be between -1 and/],
  ],
  memorySwapLimitInBytes: [
    [
      { memoryLimitInBytes: 8n * MIB, memorySwapLimitInBytes: 9n * MIB },
      { Memory: 8_388_608, MemorySwap: 9_437_184 },
    ],
    [
      { memoryLimitInBytes: 8n * MIB, memorySwapLimitInBytes: -1n },
      { Memory: 8_388_608, MemorySwap: -1 },
    ],
    [
      { memoryLimitInBytes: 8n * MIB, memorySwapLimitInBytes: 7n * MIB },
      /^InvalidArgument: r\.memory_swap_limit_in_bytes is memory and swap together: 7340032 is less than 8388608/,
    ],
    [{ memorySwapLimitInBytes: 1n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes needs memory_limit_in_bytes/],
    [{ memorySwapLimitInBytes: 0n }, {}],
    [{ memorySwapLimitInBytes: -1n }, { MemorySwap: -1 }],
    [{ memoryLimitInBytes: -1n, memorySwapLimitInBytes: -1n }, { MemorySwap: -1 }],
    [{ memoryLimitInBytes: -1n, memorySwapLimitInBytes: 1n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes needs/],
    [{ memoryLimitInBytes: 8n * MIB, memorySwapLimitInBytes: -2n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes/],
    [{ memorySwapLimitInBytes: MOST + 1n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes/],
  ],
  oomScoreAdj: [
    // It is part of a container's body, beside these.
    [{ oomScoreAdj: -1000n }, {}],
    [{ oomScoreAdj: 1000n }, {}],
    [{ oomScoreAdj: -1001n }, /^InvalidArgument: r\.oom_score_adj must be between -1000 and 1000: -1001/],
    [{ oomScoreAdj: 1001n }, /^InvalidArgument: r\.oom_score_adj/],
  ],
  cpusetCpus: [
    [{ cpusetCpus: '' }, {}],
    [{ cpusetCpus: '0-3,8' }, { CpusetCpus: '0-3,8' }],
    [{ cpusetCpus: 'all' }, /^InvalidArgument: r\.cpuset_cpus must be a list like 0-3,8: "all"/],
    [{ cpusetCpus: '3-0' }, /^InvalidArgument: r\.cpuset_cpus must be a list/],
    [{ cpusetCpus: '0-' }, /^InvalidArgument: r\.cpuset_cpus must be a list/],
    [{ cpusetCpus: '0,,1' }, /^InvalidArgument: r\.cpuset_cpus must be a list/],
    [{ cpusetCpus: '0\n' }, /^InvalidArgument: r\.cpuset_cpus/],
  ],
  cpusetMems: [
    [{ cpusetMems: '0,1' }, { CpusetMems: '0,1' }],
    [{ cpusetMems: '0;1' }, /^InvalidArgument: r\.cpuset_mems/],
  ],
  hugepageLimits: [
    // They are written to the container's cgroup when it has started: cgroup-files.test.ts.
    [{ hugepageLimits: [{ pageSize: '2MB', limit: 1n }] }, {}],
    [{ hugepageLimits: [{ pageSize: '2MB' }, { pageSize: '1GB', limit: 1n }] }, /^Unimplemented: r\.hugepage_limits/],
  ],
  unified: [
    [{ unified: {} }, {}],
    [{ unified: { 'memory.high': '1' } }, {}],
    [{ unified: { '../memory.high': '1' } }, /^InvalidArgument: r\.unified has no cgroup file/],
  ],
};

testFields(FIELDS, (given) => {
  const resources = LinuxContainerResources.fromPartial(given);
  checkResources('r', resources, HOST);
  return dockerResources(resources);
});

it('nothing said is nothing asked of Docker', () => {
  expect(() => checkResources('r', undefined, HOST)).not.toThrow();
  expect(dockerResources(undefined)).toEqual({});
});

it('swap is refused where the kernel does not account it, and none asked for is fine', () => {
  const host = { ...HOST, swapLimit: false };
  const swap = { memoryLimitInBytes: 8n * MIB, memorySwapLimitInBytes: 9n * MIB };
  expect(refusal(() => checkResources('r', LinuxContainerResources.fromPartial(swap), host))).toBe(
    "Unimplemented: r.memory_swap_limit_in_bytes: this host's kernel does not account swap",
  );
  for (const none of [{ ...swap, memorySwapLimitInBytes: 8n * MIB }, { memoryLimitInBytes: -1n }]) {
    expect(() => checkResources('r', LinuxContainerResources.fromPartial(none), host)).not.toThrow();
  }
});

describe('an update', () => {
  const UNLIMITED = Number(MOST);
  const update = (given: Given, present: Resources): Resources =>
    dockerUpdate(LinuxContainerResources.fromPartial(given), readResources(present));

  it.each<[string, Given, Resources, Resources]>([
    ['no swap stays none', { memoryLimitInBytes: 32n }, { Memory: 64, MemorySwap: 64 }, { Memory: 32, MemorySwap: 32 }],
    ['some stays as much', { memoryLimitInBytes: 32n }, { Memory: 64, MemorySwap: 80 }, { Memory: 32, MemorySwap: 48 }],
    [
      'all stays all',
      { memoryLimitInBytes: 32n },
      { Memory: 64, MemorySwap: -1 },
      { Memory: 32, MemorySwap: UNLIMITED },
    ],
    [
      'all that an update gave stays all',
      { memoryLimitInBytes: 32n },
      { Memory: 64, MemorySwap: UNLIMITED },
      { Memory: 32, MemorySwap: UNLIMITED },
    ],
    [
      'a first limit brings none',
      { memoryLimitInBytes: 32n },
      { Memory: 0, MemorySwap: 0 },
      { Memory: 32, MemorySwap: 32 },
    ],
    [
      'what is said counts',
      { memoryLimitInBytes: 32n, memorySwapLimitInBytes: 40n },
      { Memory: 64, MemorySwap: 64 },
      { Memory: 32, MemorySwap: 40 },
    ],
    [
      'all without a limit of memory stays all',
      { memoryLimitInBytes: 32n },
      { MemorySwap: -1 },
      { Memory: 32, MemorySwap: UNLIMITED },
    ],
    // Docker would record -1 and not carry it out.
    [
      'all, alone',
      { memorySwapLimitInBytes: -1n },
      { Memory: 64, MemorySwap: 64 },
      { Memory: 64, MemorySwap: UNLIMITED },
    ],
    // Runtimes refuse a number of bytes of swap there, and there is no limit to lift.
    ['all, without a limit of memory', { memorySwapLimitInBytes: -1n }, { Memory: 0 }, { MemorySwap: -1 }],
    [
      'all, with memory',
      { memoryLimitInBytes: 32n, memorySwapLimitInBytes: -1n },
      { Memory: 64, MemorySwap: 64 },
      { Memory: 32, MemorySwap: UNLIMITED },
    ],
    ['without memory', { cpuShares: 4n }, { Memory: 64, MemorySwap: 80 }, { CpuShares: 4 }],
  ])('of swap: %s', (_what, given, present, docker) => {
    expect(update(given, present)).toEqual(docker);
  });
});

it('come back from Docker as they went in', () => {
  const amount = (min: bigint, max: bigint) => fc.oneof(fc.constant(0n), fc.bigInt({ min, max }));
  const list = fc.constantFrom('', '0', '0-3,8');
  const limits = fc
    .record({ memory: fc.bigInt({ min: 6n * MIB, max: MOST / 2n }), swap: fc.bigInt({ min: 0n, max: MOST / 2n }) })
    .chain(({ memory, swap }) =>
      fc
        .constantFrom(memory + swap, -1n)
        .map((total) => ({ memoryLimitInBytes: memory, memorySwapLimitInBytes: total })),
    );
  const parts = fc.record({
    cpuPeriod: amount(1_000n, 1_000_000n),
    cpuShares: amount(2n, 262_144n),
    cpuQuota: fc.oneof(fc.constant(-1n), amount(1_000n, MOST)),
    cpusetCpus: list,
    cpusetMems: list,
  });
  fc.assert(
    fc.property(parts, fc.option(limits), (some, memory) => {
      const resources = LinuxContainerResources.fromPartial({ ...some, ...memory });
      checkResources('r', resources, HOST);
      // By way of JSON, as Docker has them.
      const docker = JSON.parse(JSON.stringify(dockerResources(resources))) as Resources;
      expect(readResources(docker)).toEqual(resources);
      expect(hasResources(readResources(docker), docker)).toBe(true);
    }),
  );
});

it('an update to no limit of swap reads as one', () => {
  expect(readResources({ Memory: 64, MemorySwap: Number(MOST) }).memorySwapLimitInBytes).toBe(-1n);
});

it('are there when all that was asked for is', () => {
  const known = readResources({ CpuShares: 4, Memory: 64, MemorySwap: 80, CpusetCpus: '0' });
  expect(hasResources(known, {})).toBe(true);
  expect(hasResources(known, { Memory: 64, MemorySwap: 80 })).toBe(true);
  for (const other of [{ CpuShares: 8 }, { Memory: 64, MemorySwap: 64 }, { CpusetCpus: '0-1' }, { CpuQuota: 1_000 }]) {
    expect(hasResources(known, other)).toBe(false);
  }
});

it('of a container that runs, the kernel has the last word', () => {
  expect(readResources({ OomScoreAdj: -997 })).toEqual(LinuxContainerResources.fromPartial({ oomScoreAdj: -997n }));
  const inForce = { oomScoreAdj: 3, cgroupFiles: { 'memory.high': 'max', 'hugetlb.2MB.max': '0' } };
  expect(resourcesInForce(readResources({ OomScoreAdj: -997 }), inForce)).toEqual(
    LinuxContainerResources.fromPartial({
      oomScoreAdj: 3n,
      hugepageLimits: [{ pageSize: '2MB', limit: 0n }],
      unified: { 'memory.high': 'max' },
    }),
  );
  expect(
    resourcesInForce(readResources({ OomScoreAdj: 7 }), { oomScoreAdj: undefined, cgroupFiles: {} }).oomScoreAdj,
  ).toBe(7n);
});
