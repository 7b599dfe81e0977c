import { carriedOut, create, example, forWindows, nothingToDo, refused, type Messages } from './field';

type Resources = NonNullable<NonNullable<Parameters<typeof create>[0]['linux']>['resources']>;

const atCreate = (resources: Resources, refusal?: string) => create({ linux: { resources } }, refusal);
const atUpdate = (linux: Resources, refusal?: string) => example('UpdateContainerResourcesRequest', { linux }, refusal);

const FIELD = 'config.linux.resources';

/** What containers may use, when they are made and later. */
export const RESOURCES: Messages = {
  LinuxContainerResources: {
    cpu_period: carriedOut(
      '`CpuPeriod`.',
      atCreate({ cpuPeriod: 50_000n }),
      atUpdate({ cpuPeriod: 50_000n }),
      atCreate(
        { cpuPeriod: 1n },
        `InvalidArgument: ${FIELD}.cpu_period must be between 1000 and 1000000 microseconds: 1`,
      ),
    ),
    cpu_quota: carriedOut(
      '`CpuQuota`.',
      atCreate({ cpuQuota: 10_000n }),
      atUpdate({ cpuQuota: 10_000n }),
      atUpdate({ cpuQuota: -2n }, 'InvalidArgument: linux.cpu_quota must be between -1 and 9007199254740991: -2'),
    ),
    cpu_shares: carriedOut('`CpuShares`.', atCreate({ cpuShares: 512n }), atUpdate({ cpuShares: 512n })),
    memory_limit_in_bytes: carriedOut(
      '`Memory`; -1 is no limit, as is 0 at create. An update cannot take a limit away.',
      atCreate({ memoryLimitInBytes: 2n ** 26n }),
      atUpdate({ memoryLimitInBytes: 2n ** 26n }),
      atCreate(
        { memoryLimitInBytes: 1n },
        `InvalidArgument: ${FIELD}.memory_limit_in_bytes must be at least 6 MiB for Docker: 1`,
      ),
    ),
    oom_score_adj: carriedOut(
      '`OomScoreAdj`, and /proc at update; never lower than the host lets anyone go.',
      atCreate({ oomScoreAdj: 500n }),
      atUpdate({ oomScoreAdj: 500n }),
      atCreate({ oomScoreAdj: 1001n }, `InvalidArgument: ${FIELD}.oom_score_adj must be between -1000 and 1000: 1001`),
    ),
    cpuset_cpus: carriedOut(
      '`CpusetCpus`.',
      atCreate({ cpusetCpus: '0-1' }),
      atUpdate({ cpusetCpus: '0-1' }),
      atCreate({ cpusetCpus: 'all' }, `InvalidArgument: ${FIELD}.cpuset_cpus must be a list like 0-3,8: "all"`),
    ),
    cpuset_mems: carriedOut('`CpusetMems`.', atCreate({ cpusetMems: '0' }), atUpdate({ cpusetMems: '0' })),
    hugepage_limits: carriedOut(
      'Files of the container’s cgroup, of what is used and of what is reserved, written when it starts, also behind the shim’s back.',
      atCreate({ hugepageLimits: [{ pageSize: '2MB', limit: 2n ** 21n }] }),
      atUpdate({ hugepageLimits: [{ pageSize: '2MB', limit: 2n ** 21n }] }),
      atCreate(
        { hugepageLimits: [{ pageSize: '1GB', limit: 1n }] },
        `Unimplemented: ${FIELD}.hugepage_limits: this host cannot limit pages of 1GB`,
      ),
    ),
    unified: carriedOut(
      'Files of the container’s cgroup, written when it starts, also behind the shim’s back; Unimplemented on cgroup v1.',
      atCreate({ unified: { 'memory.high': '1048576' } }),
      atUpdate({ unified: { 'memory.high': '1048576' } }),
      atCreate({ unified: { '../x': '1' } }, `InvalidArgument: ${FIELD}.unified has no cgroup file in "../x"`),
    ),
    memory_swap_limit_in_bytes: carriedOut(
      '`MemorySwap`, memory and swap together; without it no swap. An update to -1, which Docker would record and not carry out, is one to 8 PiB; the status says -1.',
      atUpdate({ memorySwapLimitInBytes: -1n }),
      atCreate({ memoryLimitInBytes: 2n ** 26n, memorySwapLimitInBytes: 2n ** 27n }),
      atUpdate({ memoryLimitInBytes: 2n ** 26n, memorySwapLimitInBytes: 2n ** 27n }),
      atCreate(
        { memorySwapLimitInBytes: 1n },
        `InvalidArgument: ${FIELD}.memory_swap_limit_in_bytes needs memory_limit_in_bytes beside it`,
      ),
    ),
  },
  HugepageLimit: {
    page_size: carriedOut(
      'Of the file’s name.',
      atCreate({ hugepageLimits: [{ pageSize: '2MB', limit: 1n }] }),
      atCreate(
        { hugepageLimits: [{ pageSize: '2 MB' }] },
        `InvalidArgument: ${FIELD}.hugepage_limits has no page size like 2MB in "2 MB"`,
      ),
    ),
    limit: carriedOut('What is written.', atCreate({ hugepageLimits: [{ pageSize: '2MB', limit: 1n }] })),
  },
  UpdateContainerResourcesRequest: {
    container_id: carriedOut('Which one.'),
    linux: carriedOut('See above. What is zero or empty stays as it is.', atUpdate({ cpuShares: 512n })),
    windows: refused(
      'This is Linux.',
      example(
        'UpdateContainerResourcesRequest',
        { linux: {}, windows: {} },
        'InvalidArgument: windows is for Windows nodes, this is Linux',
      ),
    ),
    annotations: nothingToDo('They are hints for runtimes whose resources have other names; none concerns Docker.'),
  },
  UpdatePodSandboxResourcesRequest: {
    pod_sandbox_id: carriedOut('Which one; NotFound if there is none.'),
    overhead: nothingToDo('The kubelet has changed the pod’s cgroup before it says so.'),
    resources: nothingToDo('The same.'),
  },
  WindowsContainerResources: {
    cpu_shares: forWindows,
    cpu_count: forWindows,
    cpu_maximum: forWindows,
    memory_limit_in_bytes: forWindows,
    rootfs_size_in_bytes: forWindows,
    affinity_cpus: forWindows,
  },
  WindowsCpuGroupAffinity: { cpu_mask: forWindows, cpu_group: forWindows },
};
