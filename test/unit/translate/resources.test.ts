import fc from 'fast-check';
import { HugepageLimit, LinuxContainerResources } from '../../../generated/runtime/v1/api';
import type { Resources } from '../../../src/docker/types';
import { checkResources, dockerResources, readResources } from '../../../src/translate/resources';
import { refusal } from '../../support/refusal';
import { testFields, type FieldTable } from '../../support/field-table';

type Given = Parameters<typeof LinuxContainerResources.fromPartial>[0];

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

const FIELDS: FieldTable<LinuxContainerResources, Given, Resources> = {
  cpuPeriod: [
    [{ cpuPeriod: 0n }, {}],
    [{ cpuPeriod: 100_000n }, { CpuPeriod: 100_000 }],
    [{ cpuPeriod: -1n }, /^InvalidArgument: r\.cpu_period must not be negative or absurd: -1/],
    [{ cpuPeriod: MOST + 1n }, /^InvalidArgument: r\.cpu_period/],
  ],
  cpuQuota: [
    [{ cpuQuota: 0n }, {}],
    [{ cpuQuota: 50_000n }, { CpuQuota: 50_000 }],
    [{ cpuQuota: -1n }, { CpuQuota: -1 }],
    [{ cpuQuota: -2n }, /^InvalidArgument: r\.cpu_quota must be at least -1: -2/],
    [{ cpuQuota: MOST + 1n }, /^InvalidArgument: r\.cpu_quota/],
  ],
  cpuShares: [
    [{ cpuShares: 0n }, {}],
    [{ cpuShares: 2n }, { CpuShares: 2 }],
    [{ cpuShares: -1n }, /^InvalidArgument: r\.cpu_shares/],
  ],
  memoryLimitInBytes: [
    [{ memoryLimitInBytes: 0n }, {}],
    // Docker by itself would allow as much swap again.
    [{ memoryLimitInBytes: 64n }, { Memory: 64, MemorySwap: 64 }],
    [{ memoryLimitInBytes: MOST }, { Memory: Number(MOST), MemorySwap: Number(MOST) }],
    [{ memoryLimitInBytes: MOST + 1n }, /^InvalidArgument: r\.memory_limit_in_bytes/],
    [{ memoryLimitInBytes: -1n }, /^InvalidArgument: r\.memory_limit_in_bytes/],
  ],
  memorySwapLimitInBytes: [
    [
      { memoryLimitInBytes: 64n, memorySwapLimitInBytes: 96n },
      { Memory: 64, MemorySwap: 96 },
    ],
    [
      { memoryLimitInBytes: 64n, memorySwapLimitInBytes: -1n },
      { Memory: 64, MemorySwap: -1 },
    ],
    // The kubelet repeats its memory limit here, also when there is none: then it means nothing.
    [{ memorySwapLimitInBytes: 1n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes needs memory_limit_in_bytes/],
    [{ memorySwapLimitInBytes: 0n }, {}],
    [{ memoryLimitInBytes: 64n, memorySwapLimitInBytes: -2n }, /^InvalidArgument: r\.memory_swap_limit_in_bytes/],
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
    [{ cpusetCpus: '0\n' }, /^InvalidArgument: r\.cpuset_cpus/],
  ],
  cpusetMems: [
    [{ cpusetMems: '0,1' }, { CpusetMems: '0,1' }],
    [{ cpusetMems: '0;1' }, /^InvalidArgument: r\.cpuset_mems/],
  ],
  hugepageLimits: [
    [{ hugepageLimits: [{ pageSize: '2MB', limit: 0n }] }, {}],
    [{ hugepageLimits: [{ pageSize: '2MB' }, { pageSize: '1GB', limit: 1n }] }, /^Unimplemented: r\.hugepage_limits/],
  ],
  unified: [
    [{ unified: {} }, {}],
    // It is written to the container's cgroup when it has started.
    [{ unified: { 'memory.high': '1' } }, {}],
    [{ unified: { '../memory.high': '1' } }, /^InvalidArgument: r\.unified has no cgroup file in "\.\.\/memory\.high"/],
    [{ unified: { 'memory.high': '1\n' } }, /^InvalidArgument: r\.unified memory\.high has a control character/],
  ],
};

testFields(FIELDS, (given) => {
  const resources = LinuxContainerResources.fromPartial(given);
  checkResources('r', resources, true);
  return dockerResources(resources);
});

describe('a limit of huge pages', () => {
  type GivenLimit = Parameters<typeof HugepageLimit.fromPartial>[0];

  const LIMIT: FieldTable<HugepageLimit, GivenLimit, object> = {
    pageSize: [[{ pageSize: '1GB', limit: 1n }, /^Unimplemented: r\.hugepage_limits: .* pages of 1GB$/]],
    limit: [
      [{ pageSize: '1GB', limit: 0n }, {}],
      [{ pageSize: '1GB', limit: 2n ** 64n - 1n }, /^Unimplemented: r\.hugepage_limits/],
    ],
  };

  testFields(LIMIT, (given) => {
    const hugepageLimits = [HugepageLimit.fromPartial(given)];
    checkResources('r', LinuxContainerResources.fromPartial({ hugepageLimits }), true);
    return {};
  });
});

it('files of cgroup v2 are refused on a host of v1', () => {
  const resources = LinuxContainerResources.fromPartial({ unified: { 'memory.oom.group': '1' } });
  expect(refusal(() => checkResources('r', resources, false))).toMatch(
    /^Unimplemented: r\.unified: memory\.oom\.group/,
  );
});

it('nothing said is nothing asked of Docker', () => {
  expect(() => checkResources('r', undefined, true)).not.toThrow();
  expect(dockerResources(undefined)).toEqual({});
});

it('come back from Docker as they went in', () => {
  const amount = fc.bigInt({ min: 0n, max: MOST });
  const list = fc.constantFrom('', '0', '0-3,8');
  const limits = fc
    .record({ memory: fc.bigInt({ min: 1n, max: MOST }), swap: fc.bigInt({ min: -1n, max: MOST }) })
    .map(({ memory, swap }) => ({ memoryLimitInBytes: memory, memorySwapLimitInBytes: swap === 0n ? memory : swap }));
  const parts = fc.record({ cpuPeriod: amount, cpuShares: amount, cpusetCpus: list, cpusetMems: list });
  const quota = fc.bigInt({ min: -1n, max: MOST });
  fc.assert(
    fc.property(parts, quota, fc.option(limits), (some, cpuQuota, memory) => {
      const resources = LinuxContainerResources.fromPartial({ ...some, cpuQuota, ...memory });
      checkResources('r', resources, true);
      // By way of JSON, as Docker has them.
      const docker = JSON.parse(JSON.stringify(dockerResources(resources))) as Resources;
      expect(readResources(docker)).toEqual(resources);
    }),
  );
});

it('the OOM score comes back too', () => {
  expect(readResources({ OomScoreAdj: -997 })).toEqual(LinuxContainerResources.fromPartial({ oomScoreAdj: -997n }));
});
