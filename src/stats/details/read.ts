import { readKernelFile } from '../../host/kernel-file';
import type { CgroupDirectories } from '../cgroup-directories';
import { parseCount } from '../kernel-text';
import { parseCpuDetailsV1, parseCpuDetailsV2, type CpuDetails } from './cpu';
import { parseDeviceIoV1, parseDeviceIoV2, type DeviceIo } from './device-io';
import { parseMemoryDetailsV1, parseMemoryDetailsV2, type MemoryDetails } from './memory';

/** What the kernel accounts to a cgroup beyond its usage: for the metrics, which nobody asks for as often. */
export interface CgroupDetails {
  readonly cpu: CpuDetails;
  readonly memory: MemoryDetails;
  readonly io: readonly DeviceIo[];
  readonly hugepages: readonly HugepageUsage[];
  /** How many tasks it may have; zero when as many as it likes. */
  readonly mostTasks: bigint | undefined;
}

export interface HugepageUsage {
  /** In the kernel's spelling: `2MB`. */
  readonly size: string;
  /** Bytes. */
  readonly usage: bigint;
  /** The most at a time; only v1 tells. */
  readonly peak: bigint | undefined;
}

/** @param hugepageSizes those that cgroups limit on this host. */
export function readDetails(directories: CgroupDirectories, hugepageSizes: readonly string[]): CgroupDetails {
  const { pids, unified } = directories;
  const mostTasks = read(pids ?? unified, 'pids.max');
  return {
    cpu: readCpu(directories),
    memory: readMemory(directories),
    io: readIo(directories),
    hugepages: hugepageSizes.flatMap((size) => readHugepages(directories, size)),
    mostTasks: mostTasks?.trim() === 'max' ? 0n : parseCount(mostTasks),
  };
}

function readCpu({ cpu, cpuacct, unified }: CgroupDirectories): CpuDetails {
  if (cpu === undefined && cpuacct === undefined) return parseCpuDetailsV2(read(unified, 'cpu.stat'));
  return parseCpuDetailsV1(read(cpuacct, 'cpuacct.stat'), read(cpu, 'cpu.stat'));
}

function readMemory({ memory: v1, unified: v2 }: CgroupDirectories): MemoryDetails {
  if (v1 === undefined) {
    return parseMemoryDetailsV2({
      stat: read(v2, 'memory.stat'),
      peak: read(v2, 'memory.peak'),
      events: read(v2, 'memory.events'),
      low: read(v2, 'memory.low'),
    });
  }
  return parseMemoryDetailsV1({
    stat: read(v1, 'memory.stat'),
    kernel: read(v1, 'memory.kmem.usage_in_bytes'),
    peak: read(v1, 'memory.max_usage_in_bytes'),
    failures: read(v1, 'memory.failcnt'),
    swapFailures: read(v1, 'memory.memsw.failcnt'),
    oomControl: read(v1, 'memory.oom_control'),
    softLimit: read(v1, 'memory.soft_limit_in_bytes'),
  });
}

function readIo({ blkio, unified }: CgroupDirectories): DeviceIo[] {
  if (blkio === undefined) return parseDeviceIoV2(read(unified, 'io.stat'));
  return parseDeviceIoV1(
    read(blkio, 'blkio.throttle.io_service_bytes_recursive'),
    read(blkio, 'blkio.throttle.io_serviced_recursive'),
  );
}

function readHugepages({ hugetlb, unified }: CgroupDirectories, size: string): HugepageUsage[] {
  const name = `hugetlb.${size}`;
  const usage = parseCount(
    hugetlb === undefined ? read(unified, `${name}.current`) : read(hugetlb, `${name}.usage_in_bytes`),
  );
  if (usage === undefined) return [];
  return [{ size, usage, peak: parseCount(read(hugetlb, `${name}.max_usage_in_bytes`)) }];
}

function read(directory: string | undefined, file: string): string | undefined {
  return directory === undefined ? undefined : readKernelFile(`${directory}/${file}`);
}
