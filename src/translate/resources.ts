import type { LinuxContainerResources } from '../../generated/runtime/v1/api';
import type { HostConfig, Resources } from '../docker/types';
import { checkNoControl, invalid, unimplemented } from './checks';

/** The largest whole number that JSON carries exactly; far beyond every quantity that a node has. */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
const OOM_SCORE_RANGE = { least: -1000n, most: 1000n };

/**
 * Of a container.
 * @param cgroupV2 whether the host has cgroup v2, where `unified` is written to the container's cgroup.
 * @throws ShimError InvalidArgument for a quantity out of its range, Unimplemented for what can't be limited.
 */
export function checkResources(field: string, resources: LinuxContainerResources | undefined, cgroupV2: boolean): void {
  if (resources === undefined) return;
  checkQuantities(field, resources);
  if (resources.memorySwapLimitInBytes > 0n && resources.memoryLimitInBytes === 0n) {
    throw invalid(`${field}.memory_swap_limit_in_bytes`, 'needs memory_limit_in_bytes beside it');
  }
  // The kubelet names every page size of the node, with 0 for those that a container did not ask for.
  const hugepages = resources.hugepageLimits.find(({ limit }) => limit > 0n);
  if (hugepages) throw unimplemented(`${field}.hugepage_limits`, `Docker can not limit pages of ${hugepages.pageSize}`);
  for (const [file, value] of Object.entries(resources.unified)) {
    if (!cgroupV2) throw unimplemented(`${field}.unified`, `${file} needs a host with cgroup v2`);
    if (!/^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/.test(file))
      throw invalid(`${field}.unified`, `has no cgroup file in ${JSON.stringify(file)}`);
    checkNoControl(`${field}.unified ${file}`, value);
  }
}

/**
 * The quantities alone. It is all there is to check of a sandbox's resources and overhead: they say how large the pod's
 * cgroup is, which the kubelet has made.
 * @throws ShimError InvalidArgument for one that is out of its range.
 */
export function checkQuantities(field: string, resources: LinuxContainerResources | undefined): void {
  if (resources === undefined) return;
  for (const [name, value] of [
    ['cpu_period', resources.cpuPeriod],
    ['cpu_shares', resources.cpuShares],
    ['memory_limit_in_bytes', resources.memoryLimitInBytes],
  ] as const) {
    if (value < 0n || value > LARGEST) throw invalid(`${field}.${name}`, `must not be negative or absurd: ${value}`);
  }
  // -1 is the kernel's word for no limit.
  for (const [name, value] of [
    ['cpu_quota', resources.cpuQuota],
    ['memory_swap_limit_in_bytes', resources.memorySwapLimitInBytes],
  ] as const) {
    if (value < -1n || value > LARGEST) throw invalid(`${field}.${name}`, `must be at least -1: ${value}`);
  }
  if (resources.oomScoreAdj < OOM_SCORE_RANGE.least || resources.oomScoreAdj > OOM_SCORE_RANGE.most) {
    throw invalid(`${field}.oom_score_adj`, `must be between -1000 and 1000: ${resources.oomScoreAdj}`);
  }
  for (const [name, list] of [
    ['cpuset_cpus', resources.cpusetCpus],
    ['cpuset_mems', resources.cpusetMems],
  ] as const) {
    if (!/^[0-9,-]*$/.test(list))
      throw invalid(`${field}.${name}`, `must be a list like 0-3,8: ${JSON.stringify(list)}`);
  }
}

/** CPU, memory and cpuset in Docker's form, for create and update alike. Zero or empty means: not said. */
export function dockerResources(resources: LinuxContainerResources | undefined): Resources {
  if (resources === undefined) return {};
  const memory = Number(resources.memoryLimitInBytes);
  return {
    ...(resources.cpuPeriod !== 0n && { CpuPeriod: Number(resources.cpuPeriod) }),
    ...(resources.cpuQuota !== 0n && { CpuQuota: Number(resources.cpuQuota) }),
    ...(resources.cpuShares !== 0n && { CpuShares: Number(resources.cpuShares) }),
    ...(memory !== 0 && { Memory: memory, MemorySwap: swapLimit(resources) }),
    ...(resources.cpusetCpus !== '' && { CpusetCpus: resources.cpusetCpus }),
    ...(resources.cpusetMems !== '' && { CpusetMems: resources.cpusetMems }),
  };
}

/** Memory and swap together. A client that says nothing gets no swap; Docker's own default would be as much again. */
function swapLimit(resources: LinuxContainerResources): number {
  const limit = resources.memorySwapLimitInBytes;
  return Number(limit === 0n ? resources.memoryLimitInBytes : limit);
}

/** What is in force, read back. */
export function readResources(host: HostConfig): LinuxContainerResources {
  return {
    cpuPeriod: BigInt(host.CpuPeriod ?? 0),
    cpuQuota: BigInt(host.CpuQuota ?? 0),
    cpuShares: BigInt(host.CpuShares ?? 0),
    memoryLimitInBytes: BigInt(host.Memory ?? 0),
    memorySwapLimitInBytes: BigInt(host.MemorySwap ?? 0),
    oomScoreAdj: BigInt(host.OomScoreAdj ?? 0),
    cpusetCpus: host.CpusetCpus ?? '',
    cpusetMems: host.CpusetMems ?? '',
    hugepageLimits: [],
    unified: {},
  };
}
