import type { HugepageLimit, LinuxContainerResources } from '../../generated/runtime/v1/api';
import { checkNoControl, invalid, unimplemented } from './checks';

/**
 * What decides which resources can be written as files of the container's cgroup, because Docker's API can't express
 * them: `unified` as it is, and a limit for each size of huge pages.
 */
export interface CgroupAbilities {
  /** Where `unified` can be written. */
  readonly cgroupV2: boolean;
  /** The sizes of huge pages that the host limits, in the kernel's spelling: `2MB`. */
  readonly hugepageSizes: readonly string[];
}

type Files = Readonly<Record<string, string>>;

const HUGEPAGE_FILE = /^hugetlb\.([0-9]+[KMG]B)\.(max|limit_in_bytes)$/;

/** @throws ShimError InvalidArgument for what is no file or no page size, Unimplemented for what this host can't limit. */
export function checkCgroupFiles(field: string, resources: LinuxContainerResources, abilities: CgroupAbilities): void {
  for (const { pageSize, limit } of resources.hugepageLimits) {
    if (!/^[0-9]+[KMG]B$/.test(pageSize)) {
      throw invalid(`${field}.hugepage_limits`, `has no page size like 2MB in ${JSON.stringify(pageSize)}`);
    }
    // The kubelet names every page size of the node, with 0 for those that a container did not ask for.
    if (limit > 0n && !abilities.hugepageSizes.includes(pageSize)) {
      throw unimplemented(`${field}.hugepage_limits`, `this host cannot limit pages of ${pageSize}`);
    }
  }
  for (const [file, value] of Object.entries(resources.unified)) {
    if (!abilities.cgroupV2) throw unimplemented(`${field}.unified`, `${file} needs a host with cgroup v2`);
    if (!/^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/.test(file))
      throw invalid(`${field}.unified`, `has no cgroup file in ${JSON.stringify(file)}`);
    checkNoControl(`${field}.unified ${file}`, value);
  }
}

/** The files to write, once there is a cgroup: names and values. */
export function cgroupFiles(resources: LinuxContainerResources | undefined, abilities: CgroupAbilities): Files {
  const files: Record<string, string> = {};
  for (const { pageSize, limit } of resources?.hugepageLimits ?? []) {
    if (!abilities.hugepageSizes.includes(pageSize)) continue;
    files[`hugetlb.${pageSize}.${abilities.cgroupV2 ? 'max' : 'limit_in_bytes'}`] = String(limit);
  }
  return { ...files, ...resources?.unified };
}

/** Back from files that were written, as they read now. */
export function parseCgroupFiles(files: Files): Pick<LinuxContainerResources, 'hugepageLimits' | 'unified'> {
  const hugepageLimits: HugepageLimit[] = [];
  const unified: Record<string, string> = {};
  for (const [file, value] of Object.entries(files)) {
    const pageSize = HUGEPAGE_FILE.exec(file)?.[1];
    if (pageSize !== undefined && /^\d+$/.test(value)) hugepageLimits.push({ pageSize, limit: BigInt(value) });
    else unified[file] = value;
  }
  return { hugepageLimits, unified };
}
