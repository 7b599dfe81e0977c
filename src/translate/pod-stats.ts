import type {
  ContainerStats,
  LinuxPodSandboxStats,
  NetworkInterfaceUsage,
  NetworkUsage,
  PodSandboxAttributes,
  PodSandboxStats,
} from '../../generated/runtime/v1/api';
import type { ContainerReading } from '../stats/container-meter';
import type { InterfaceCounters } from '../stats/network-devices';
import type { PodReading } from '../stats/pod-meter';
import type { CgroupUsage } from '../stats/usage';
import { counted, cpuUsage, ioUsage, memoryUsage } from './stats';

/** The interface that has the pod's address: CNI is always asked for this name, and Docker's bridge uses it too. */
const DEFAULT_INTERFACE = 'eth0';

/**
 * @param reading undefined for a sandbox that does not run: it is known, and uses nothing.
 * @param members readings of the pod's containers, which the pod's numbers are summed from if it has no cgroup.
 * @param containers the same containers as stats.
 */
export function toPodSandboxStats(
  attributes: PodSandboxAttributes,
  reading: PodReading | undefined,
  members: readonly ContainerReading[],
  containers: ContainerStats[],
): PodSandboxStats {
  const linux = reading === undefined ? nothing() : linuxStats(reading, members);
  // The kubelet reads the containers without asking whether there is a Linux part.
  return { attributes, linux: { ...linux, containers }, windows: undefined };
}

function linuxStats(
  reading: PodReading,
  members: readonly ContainerReading[],
): Omit<LinuxPodSandboxStats, 'containers'> {
  const { usage, nanoCores } = reading.wholePod ? reading : sum([reading, ...members]);
  return {
    cpu: cpuUsage(usage, nanoCores),
    memory: memoryUsage(usage),
    network: reading.network && networkUsage(usage.at, reading.network),
    process: usage.tasks === undefined ? undefined : { timestamp: usage.at, processCount: counted(usage.tasks) },
    io: ioUsage(usage),
  };
}

function nothing(): Omit<LinuxPodSandboxStats, 'containers'> {
  return { cpu: undefined, memory: undefined, network: undefined, process: undefined, io: undefined };
}

/**
 * Without a named one the first stands in, as nothing says better which has the pod's address. Undefined while there is
 * none, until the pod is attached: the kubelet reads the default interface of any network without asking whether it is
 * there, and would panic.
 */
function networkUsage(timestamp: bigint, all: readonly InterfaceCounters[]): NetworkUsage | undefined {
  const main = all.find(({ name }) => name === DEFAULT_INTERFACE) ?? all[0];
  if (main === undefined) return undefined;
  return {
    timestamp,
    defaultInterface: interfaceUsage(main),
    interfaces: all.filter((one) => one !== main).map(interfaceUsage),
  };
}

function interfaceUsage({ name, rxBytes, rxErrors, txBytes, txErrors }: InterfaceCounters): NetworkInterfaceUsage {
  return {
    name,
    rxBytes: counted(rxBytes),
    rxErrors: counted(rxErrors),
    txBytes: counted(txBytes),
    txErrors: counted(txErrors),
  };
}

interface Summed {
  readonly usage: CgroupUsage;
  readonly nanoCores: bigint | undefined;
}

/** What can be added up; pressure can't, and neither can limits, of which some may be missing. */
function sum(parts: readonly [Summed, ...Summed[]]): Summed {
  const total = (of: (part: Summed) => bigint | undefined): bigint | undefined =>
    parts.map(of).reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b));
  const memory = total(({ usage }) => usage.memory?.usage);
  const usage: CgroupUsage = {
    at: parts[0].usage.at,
    cpuNanoseconds: total(({ usage: { cpuNanoseconds } }) => cpuNanoseconds),
    memory:
      memory === undefined
        ? undefined
        : {
            usage: memory,
            inactiveFile: total(({ usage: { memory } }) => memory?.inactiveFile) ?? 0n,
            rss: total(({ usage: { memory } }) => memory?.rss),
            pageFaults: total(({ usage: { memory } }) => memory?.pageFaults),
            majorPageFaults: total(({ usage: { memory } }) => memory?.majorPageFaults),
            limit: undefined,
          },
    swap: undefined,
    tasks: total(({ usage: { tasks } }) => tasks),
    pressure: { cpu: undefined, memory: undefined, io: undefined },
  };
  return { usage, nanoCores: total(({ nanoCores }) => nanoCores) };
}
