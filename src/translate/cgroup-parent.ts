import { posix } from 'node:path';
import { checkNoControl, invalid } from './checks';

/** @throws ShimError InvalidArgument for a path that could lead out of the cgroup tree. */
export function checkCgroupParent(parent: string): void {
  checkNoControl('linux.cgroup_parent', parent);
  if (parent.split('/').includes('..'))
    throw invalid('linux.cgroup_parent', `must not have "..": ${JSON.stringify(parent)}`);
}

/**
 * Docker's CgroupParent. The kubelet sends a path; under the systemd driver Docker wants the last part of it, the name
 * of a slice, and systemd finds the path in the name.
 * @throws ShimError InvalidArgument for what is no slice under the systemd driver.
 */
export function dockerCgroupParent(parent: string, driver: string): string | undefined {
  if (parent === '') return undefined;
  if (driver !== 'systemd') return parent;
  const slice = posix.basename(parent);
  if (/^[^-].*\.slice$/.test(slice) && !/--|-\.slice$/.test(slice)) return slice;
  const cure = "the kubelet's cgroup driver must be Docker's, which is systemd";
  throw invalid('linux.cgroup_parent', `names no slice of systemd, like pods-burstable.slice: ${parent}; ${cure}`);
}
