import type { LinuxContainerResources } from '../../generated/runtime/v1/api';
import type { HostConfig, Resources } from '../docker/types';
import { checkCgroupFiles, parseCgroupFiles, type CgroupAbilities } from './cgroup-files';
import { invalid, unimplemented } from './checks';

/** What the host can limit. */
export interface ResourceAbilities extends CgroupAbilities {
  /** The kernel accounts swap. Where it does not, Docker drops the limit of it with a warning. */
  readonly swapLimit: boolean;
}

/** What is in force of a container that runs, beyond what Docker knows. */
export interface InForce {
  readonly oomScoreAdj: number | undefined;
  /** Of the container's cgroup, as they read now. */
  readonly cgroupFiles: Readonly<Record<string, string>>;
}

/** The largest whole number that JSON carries exactly; far beyond every quantity that a node has. */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
/** What an update says for a swap limit of -1, which is none. */
const UNLIMITED_SWAP = Number.MAX_SAFE_INTEGER;
const OOM_SCORE_RANGE = { least: -1000n, most: 1000n };
/** Microseconds, for the kernel's scheduler. */
const CPU_PERIOD_RANGE = { least: 1_000n, most: 1_000_000n };
const LEAST_CPU_QUOTA = 1_000n;
/** Docker's own bound: a container with less would not even start. */
const LEAST_MEMORY = 6n * 1024n * 1024n;
/** The kernel's own: cgroup v1 takes the nearest of them by itself, v2 refuses others. */
const CPU_SHARES_RANGE = { least: 2n, most: 262_144n };

/** What an update through Docker can change. */
const UPDATED_BY_DOCKER = [
  'cpuPeriod',
  'cpuQuota',
  'cpuShares',
  'memoryLimitInBytes',
  'memorySwapLimitInBytes',
  'cpusetCpus',
  'cpusetMems',
] as const;

/**
 * Of a container.
 * @throws ShimError InvalidArgument for a quantity out of its range, Unimplemented for what this host can't limit.
 */
export function checkResources(
  field: string,
  resources: LinuxContainerResources | undefined,
  abilities: ResourceAbilities,
): void {
  if (resources === undefined) return;
  checkQuantities(field, resources);
  checkBounds(field, resources);
  const { memoryLimitInBytes: memory, memorySwapLimitInBytes: swap } = resources;
  if (swap > 0n && memory <= 0n) {
    throw invalid(`${field}.memory_swap_limit_in_bytes`, 'needs memory_limit_in_bytes beside it');
  }
  if (swap > 0n && swap < memory) {
    throw invalid(`${field}.memory_swap_limit_in_bytes`, `is memory and swap together: ${swap} is less than ${memory}`);
  }
  if (swap > 0n && swap > memory && !abilities.swapLimit) {
    throw unimplemented(`${field}.memory_swap_limit_in_bytes`, "this host's kernel does not account swap");
  }
  checkCgroupFiles(field, resources, abilities);
}

/** What the kernel's scheduler and Docker take; zero is not said. */
function checkBounds(field: string, { cpuPeriod, cpuQuota, memoryLimitInBytes }: LinuxContainerResources): void {
  const { least, most } = CPU_PERIOD_RANGE;
  if (cpuPeriod !== 0n && (cpuPeriod < least || cpuPeriod > most)) {
    throw invalid(`${field}.cpu_period`, `must be between ${least} and ${most} microseconds: ${cpuPeriod}`);
  }
  if (cpuQuota > 0n && cpuQuota < LEAST_CPU_QUOTA) {
    throw invalid(`${field}.cpu_quota`, `must be at least ${LEAST_CPU_QUOTA} microseconds: ${cpuQuota}`);
  }
  if (memoryLimitInBytes > 0n && memoryLimitInBytes < LEAST_MEMORY) {
    throw invalid(`${field}.memory_limit_in_bytes`, `must be at least 6 MiB for Docker: ${memoryLimitInBytes}`);
  }
}

/**
 * The quantities alone. It is all there is to check of the resources and overhead of a sandbox that is made: they say how
 * large the pod's cgroup is, which the kubelet has made.
 * @throws ShimError InvalidArgument for one that is out of its range.
 */
export function checkQuantities(field: string, resources: LinuxContainerResources | undefined): void {
  if (resources === undefined) return;
  for (const [name, value] of [
    ['cpu_period', resources.cpuPeriod],
    ['cpu_shares', resources.cpuShares],
  ] as const) {
    if (value < 0n || value > LARGEST) throw invalid(`${field}.${name}`, `must be between 0 and ${LARGEST}: ${value}`);
  }
  // -1 is the kernel's word for no limit.
  for (const [name, value] of [
    ['cpu_quota', resources.cpuQuota],
    ['memory_limit_in_bytes', resources.memoryLimitInBytes],
    ['memory_swap_limit_in_bytes', resources.memorySwapLimitInBytes],
  ] as const) {
    if (value < -1n || value > LARGEST)
      throw invalid(`${field}.${name}`, `must be between -1 and ${LARGEST}: ${value}`);
  }
  if (resources.oomScoreAdj < OOM_SCORE_RANGE.least || resources.oomScoreAdj > OOM_SCORE_RANGE.most) {
    throw invalid(`${field}.oom_score_adj`, `must be between -1000 and 1000: ${resources.oomScoreAdj}`);
  }
  checkList(`${field}.cpuset_cpus`, resources.cpusetCpus);
  checkList(`${field}.cpuset_mems`, resources.cpusetMems);
}

/** Whether the host has those CPUs and memory nodes is for Docker to say. */
function checkList(field: string, list: string): void {
  if (list === '') return;
  for (const part of list.split(',')) {
    const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (from === undefined || (to !== undefined && Number(to) < Number(from))) {
      throw invalid(field, `must be a list like 0-3,8: ${JSON.stringify(list)}`);
    }
  }
}

/**
 * CPU, memory and cpuset in Docker's form, for create and update alike. Zero or empty means: not said. A memory limit of
 * -1, which is none, Docker knows only as nothing said.
 */
export function dockerResources(resources: LinuxContainerResources | undefined): Resources {
  if (resources === undefined) return {};
  const memory = Number(resources.memoryLimitInBytes);
  return {
    ...(resources.cpuPeriod !== 0n && { CpuPeriod: Number(resources.cpuPeriod) }),
    ...(resources.cpuQuota !== 0n && { CpuQuota: Number(resources.cpuQuota) }),
    ...(resources.cpuShares !== 0n && { CpuShares: boundedShares(resources.cpuShares) }),
    ...(memory > 0 && { Memory: memory, MemorySwap: swapLimit(resources) }),
    ...(memory <= 0 && resources.memorySwapLimitInBytes === -1n && { MemorySwap: -1 }),
    ...(resources.cpusetCpus !== '' && { CpusetCpus: resources.cpusetCpus }),
    ...(resources.cpusetMems !== '' && { CpusetMems: resources.cpusetMems }),
  };
}

/**
 * The same for a container that has resources already. A new memory limit without a word of swap leaves it as much swap
 * as it had: Docker has but the sum of the two.
 *
 * Docker records an update of swap to -1, but tells its OCI runtime nothing of it: the old limit stays in force, and on
 * cgroup v1 memory can't be raised beyond it. So all of it is asked for as a number, and with memory, for runtimes refuse
 * swap alone. Without a limit of memory there is none of swap to lift.
 */
export function dockerUpdate(resources: LinuxContainerResources, present: LinuxContainerResources): Resources {
  const update = dockerResources(resources);
  const presentMemory = Number(present.memoryLimitInBytes);
  const memory = update.Memory ?? presentMemory;
  if (update.MemorySwap === undefined || memory === 0) return update;
  const saysSwap = resources.memorySwapLimitInBytes !== 0n;
  const presentSwap = present.memorySwapLimitInBytes;
  if ((saysSwap ? readSwap(update.MemorySwap) : presentSwap) < 0n) {
    return { ...update, Memory: memory, MemorySwap: UNLIMITED_SWAP };
  }
  return saysSwap ? update : { ...update, MemorySwap: memory + Math.max(Number(presentSwap) - presentMemory, 0) };
}

function boundedShares(shares: bigint): number {
  const { least, most } = CPU_SHARES_RANGE;
  return Number(shares < least ? least : shares > most ? most : shares);
}

/** Memory and swap together. A client that says nothing gets no swap; Docker's own default would be as much again. */
function swapLimit(resources: LinuxContainerResources): number {
  const limit = resources.memorySwapLimitInBytes;
  return Number(limit === 0n ? resources.memoryLimitInBytes : limit);
}

/** What Docker knows of a container's resources, read back: all that there is, unless it runs. */
export function readResources(host: HostConfig): LinuxContainerResources {
  return {
    cpuPeriod: BigInt(host.CpuPeriod ?? 0),
    cpuQuota: BigInt(host.CpuQuota ?? 0),
    cpuShares: BigInt(host.CpuShares ?? 0),
    memoryLimitInBytes: BigInt(host.Memory ?? 0),
    memorySwapLimitInBytes: readSwap(host.MemorySwap ?? 0),
    oomScoreAdj: BigInt(host.OomScoreAdj ?? 0),
    cpusetCpus: host.CpusetCpus ?? '',
    cpusetMems: host.CpusetMems ?? '',
    hugepageLimits: [],
    unified: {},
  };
}

function readSwap(limit: number): bigint {
  return limit >= UNLIMITED_SWAP ? -1n : BigInt(limit);
}

/** Whether all that Docker was asked for can be read back. Zero and empty are not asked for. */
export function hasResources(known: LinuxContainerResources, asked: Resources): boolean {
  const wanted = readResources(asked);
  return UPDATED_BY_DOCKER.every((name) => !wanted[name] || wanted[name] === known[name]);
}

/** The resources of a container that runs, with what the kernel says. */
export function resourcesInForce(known: LinuxContainerResources, inForce: InForce): LinuxContainerResources {
  const oomScoreAdj = inForce.oomScoreAdj === undefined ? known.oomScoreAdj : BigInt(inForce.oomScoreAdj);
  return { ...known, oomScoreAdj, ...parseCgroupFiles(inForce.cgroupFiles) };
}
