import { ShimError } from '../lib/errors';
import { readKernelFile } from './kernel-file';

const LOADED_PROFILES = '/sys/kernel/security/apparmor/profiles';

/**
 * Whether the kernel knows the AppArmor profile. Where the list of them can't be read, the engine will tell when the
 * container starts.
 * @throws ShimError InvalidArgument when the profile is not loaded.
 */
export function requireAppArmorProfile(name: string, loadedProfiles = LOADED_PROFILES): void {
  const loaded = readKernelFile(loadedProfiles);
  if (loaded === undefined || parseProfiles(loaded).has(name)) return;
  throw new ShimError(
    'InvalidArgument',
    `the AppArmor profile ${JSON.stringify(name)} is not loaded on this node: load it with apparmor_parser`,
  );
}

/** Lines of a name and, in parentheses, a mode. A name may have blanks itself. */
function parseProfiles(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/^(.+) \([a-z]+\)$/gm), ([, name = '']) => name));
}
