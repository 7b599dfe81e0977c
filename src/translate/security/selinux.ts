import type { SELinuxOption } from '../../../generated/runtime/v1/api';
import { invalid } from '../checks';

/** @throws ShimError InvalidArgument for a part that would end its part of the label. */
export function checkSelinux(field: string, options: SELinuxOption | undefined): void {
  if (options === undefined) return;
  const { user, role, type, level } = options;
  for (const [name, value] of Object.entries({ user, role, type })) {
    if (!/^[\w.-]*$/.test(value))
      throw invalid(`${field}.${name}`, `has no SELinux ${name} in ${JSON.stringify(value)}`);
  }
  if (!/^[\w.,:-]*$/.test(level)) throw invalid(`${field}.level`, `has no SELinux level in ${JSON.stringify(level)}`);
}

/** Where SELinux is off, Docker takes them as the other runtimes do: there is nothing to label. */
export function selinuxOptions(options: SELinuxOption | undefined): string[] {
  if (options === undefined) return [];
  const parts = { user: options.user, role: options.role, type: options.type, level: options.level };
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `label=${name}:${value}`);
}

/**
 * The options of a container in a pod. Docker gives the sandbox's label to one without options, and a level of its own to
 * one with some but no level, who could then not open the volumes that it has in common with the others of the pod.
 * @param podLevel of the sandbox's label; empty when that has none.
 */
export function memberSelinuxOptions(options: SELinuxOption | undefined, podLevel: string): string[] {
  const own = selinuxOptions(options);
  return own.length === 0 || options?.level || podLevel === '' ? own : [...own, `label=level:${podLevel}`];
}

/** The level in a label such as `system_u:system_r:container_t:s0:c1,c2`; empty when there is no label. */
export function selinuxLevel(label: string | undefined): string {
  return (label ?? '').split(':').slice(3).join(':');
}
