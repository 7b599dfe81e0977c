import type { SELinuxOption } from '../../generated/runtime/v1/api';
import { invalid } from './checks';

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
