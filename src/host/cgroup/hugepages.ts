import { access, readdir } from 'node:fs/promises';
import { readKernelFile } from '../kernel-file';

const SIZES = '/sys/kernel/mm/hugepages';
const CONTROLLERS_V2 = '/sys/fs/cgroup/cgroup.controllers';
const HIERARCHY_V1 = '/sys/fs/cgroup/hugetlb';

/**
 * The sizes of huge pages that cgroups limit on this host, in the kernel's spelling: `2MB`. None where the controller
 * `hugetlb` is not there.
 */
export async function limitedHugepageSizes(): Promise<string[]> {
  const v2 = (readKernelFile(CONTROLLERS_V2) ?? '').split(/\s/).includes('hugetlb');
  try {
    if (!v2) await access(`${HIERARCHY_V1}/cgroup.procs`);
    return (await readdir(SIZES)).map(pageSize).filter((size) => size !== undefined);
  } catch {
    return [];
  }
}

/** `2MB` for the directory `hugepages-2048kB`: the largest unit of which there is one whole. */
export function pageSize(directory: string): string | undefined {
  const kilobytes = Number(/^hugepages-(\d+)kB$/.exec(directory)?.[1] ?? 0);
  if (kilobytes === 0) return undefined;
  if (kilobytes >= 1 << 20) return `${kilobytes >> 20}GB`;
  return kilobytes >= 1 << 10 ? `${kilobytes >> 10}MB` : `${kilobytes}KB`;
}

const LIMIT = /^(hugetlb\.[0-9]+[KMG]B)\.(max|limit_in_bytes)$/;
const RESERVED = /^hugetlb\.[0-9]+[KMG]B\.rsvd\./;

/**
 * Files of a cgroup and their values, with limits of what is reserved beside those of what is used, as OCI runtimes have
 * them: the kernel then refuses a mapping that is too large, where it would kill the process that touches its pages.
 */
export function withReserved(values: Readonly<Record<string, string>>): Record<string, string> {
  const reserved = Object.entries(values)
    .filter(([file]) => LIMIT.test(file))
    .map(([file, value]) => [file.replace(LIMIT, '$1.rsvd.$2'), value] as const);
  return { ...Object.fromEntries(reserved), ...values };
}

/** Limits of what is reserved are not on every kernel: cgroups have them from Linux 5.7 on. */
export function limitsReserved(file: string): boolean {
  return RESERVED.test(file);
}
