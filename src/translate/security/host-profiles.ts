import type { AppArmor } from './app-armor';
import type { Seccomp, SeccompWish } from './seccomp';

/** The profiles of the host, which a pod names and the verbs look up, since this room touches no host. */
export interface HostProfiles {
  /** @throws ShimError InvalidArgument when the kernel has not loaded it. */
  readonly requireAppArmorProfile: (name: string) => void;
  /** A profile's JSON, from its file. @throws ShimError InvalidArgument when there is no usable one. */
  readonly readSeccompProfile: (path: string) => Promise<string>;
}

/** @throws ShimError InvalidArgument when the wish is for a profile that the host does not have. */
export function requireAppArmor(host: HostProfiles, wish: AppArmor | undefined): void {
  if (wish?.kind === 'profile') host.requireAppArmorProfile(wish.name);
}

/** What is wished, with the file read that it names. @throws ShimError InvalidArgument when that is no profile. */
export async function readSeccomp(host: HostProfiles, wish: SeccompWish): Promise<Seccomp> {
  return wish.kind === 'file' ? { kind: 'profile', json: await host.readSeccompProfile(wish.path) } : wish;
}
