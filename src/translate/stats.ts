import type {
  ContainerAttributes,
  ContainerStats,
  CpuUsage,
  FilesystemUsage,
  IoUsage,
  MemoryUsage,
  PodSandboxAttributes,
  PsiData,
  PsiStats,
  SwapUsage,
  UInt64Value,
} from '../../generated/runtime/v1/api';
import { fromMilliseconds } from '../lib/time';
import type { ContainerReading } from '../stats/container-meter';
import type { CgroupUsage, Pressure, PressureLine } from '../stats/usage';

/** The part of a container's status that says whose usage it is. */
export function containerAttributes({ id, metadata, labels, annotations }: ContainerAttributes): ContainerAttributes {
  return { id, metadata, labels, annotations };
}

export function sandboxAttributes({ id, metadata, labels, annotations }: PodSandboxAttributes): PodSandboxAttributes {
  return { id, metadata, labels, annotations };
}

/**
 * @param reading undefined for a container that does not run: it is known, and uses nothing.
 * @param storeMountpoint of the file system that the layer is on.
 */
export function toContainerStats(
  attributes: ContainerAttributes,
  reading: ContainerReading | undefined,
  storeMountpoint: string,
): ContainerStats {
  const usage = reading?.usage;
  return {
    attributes,
    cpu: usage && cpuUsage(usage, reading.nanoCores),
    memory: usage && memoryUsage(usage),
    swap: usage && swapUsage(usage),
    io: usage && ioUsage(usage),
    writableLayer: reading?.writableLayer && layerUsage(reading.writableLayer, storeMountpoint),
  };
}

export function cpuUsage(
  { at, cpuNanoseconds, pressure }: CgroupUsage,
  nanoCores: bigint | undefined,
): CpuUsage | undefined {
  if (cpuNanoseconds === undefined) return undefined;
  return {
    timestamp: at,
    usageCoreNanoSeconds: counted(cpuNanoseconds),
    usageNanoCores: counted(nanoCores),
    psi: psiStats(pressure.cpu),
  };
}

/** What can't be had back by dropping idle file pages: the kubelet evicts by it, as by cAdvisor's. */
export function workingSet({ usage, inactiveFile }: NonNullable<CgroupUsage['memory']>): bigint {
  return atLeastZero(usage - inactiveFile);
}

export function memoryUsage({ at, memory, pressure }: CgroupUsage): MemoryUsage | undefined {
  if (memory === undefined) return undefined;
  const used = workingSet(memory);
  return {
    timestamp: at,
    workingSetBytes: counted(used),
    availableBytes: memory.limit === undefined ? undefined : counted(atLeastZero(memory.limit - used)),
    usageBytes: counted(memory.usage),
    rssBytes: counted(memory.rss),
    pageFaults: counted(memory.pageFaults),
    majorPageFaults: counted(memory.majorPageFaults),
    psi: psiStats(pressure.memory),
  };
}

export function ioUsage({ at, pressure }: CgroupUsage): IoUsage | undefined {
  return pressure.io && { timestamp: at, psi: psiStats(pressure.io) };
}

function swapUsage({ at, swap }: CgroupUsage): SwapUsage | undefined {
  if (swap === undefined) return undefined;
  return {
    timestamp: at,
    swapAvailableBytes: swap.limit === undefined ? undefined : counted(atLeastZero(swap.limit - swap.usage)),
    swapUsageBytes: counted(swap.usage),
  };
}

function layerUsage(layer: NonNullable<ContainerReading['writableLayer']>, mountpoint: string): FilesystemUsage {
  return {
    timestamp: fromMilliseconds(layer.at),
    fsId: { mountpoint },
    usedBytes: counted(layer.bytes),
    inodesUsed: counted(layer.inodes),
  };
}

function psiStats(pressure: Pressure | undefined): PsiStats | undefined {
  return pressure && { Some: psiData(pressure.some), Full: psiData(pressure.full) };
}

function psiData(line: PressureLine | undefined): PsiData | undefined {
  return line && { Total: line.totalNanoseconds, Avg10: line.avg10, Avg60: line.avg60, Avg300: line.avg300 };
}

export function counted(value: bigint): UInt64Value;
export function counted(value: bigint | undefined): UInt64Value | undefined;
export function counted(value: bigint | undefined): UInt64Value | undefined {
  return value === undefined ? undefined : { value };
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
