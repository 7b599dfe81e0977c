import {
  NamespaceMode,
  type LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
} from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../docker/types';
import { checkAbsolutePath, invalid } from '../checks';
import { checkNamespaces, NODE } from '../namespaces';
import { checkUser, supplementalGroups } from '../users/user';
import { appArmorOption, appArmorWish, checkAppArmor } from './app-armor';
import { checkCapabilities, dockerCapabilities } from './capabilities';
import { checkProfile } from './profile';
import { checkSeccomp, containerSeccompWish, seccompOption, type Seccomp } from './seccomp';
import { checkSelinux, memberSelinuxOptions, selinuxOptions } from './selinux';

/** What the engine can confine processes with. */
export interface SecurityAbilities {
  readonly seccomp: boolean;
  readonly appArmor: boolean;
}

const FIELD = 'linux.security_context';

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
export function checkContainerSecurity(
  context: LinuxContainerSecurityContext | undefined,
  abilities: SecurityAbilities,
): void {
  if (context === undefined) return;
  checkBoth(context);
  checkCapabilities(`${FIELD}.capabilities`, context.capabilities);
  checkAppArmor(`${FIELD}.apparmor`, appArmorWish(context.apparmor, context.apparmorProfile), abilities.appArmor);
  checkSeccomp(`${FIELD}.seccomp`, containerSeccompWish(context), abilities.seccomp);
  for (const path of context.maskedPaths) checkAbsolutePath(`${FIELD}.masked_paths`, path);
  for (const path of context.readonlyPaths) checkAbsolutePath(`${FIELD}.readonly_paths`, path);
}

/**
 * A sandbox that asks for the engine's default seccomp profile, as every kubelet's does, gets what the engine has, even
 * when that is none.
 * @throws ShimError InvalidArgument or Unimplemented, naming the field.
 */
export function checkSandboxSecurity(
  context: LinuxSandboxSecurityContext | undefined,
  abilities: SecurityAbilities,
): void {
  if (context === undefined) return;
  if (context.namespaceOptions?.pid === NamespaceMode.TARGET) {
    throw invalid(`${FIELD}.namespace_options.pid`, 'cannot be TARGET: a sandbox comes before every container');
  }
  checkBoth(context);
  checkAppArmor(`${FIELD}.apparmor`, appArmorWish(context.apparmor, ''), abilities.appArmor);
}

/** What containers and sandboxes have in common. */
function checkBoth(context: LinuxContainerSecurityContext | LinuxSandboxSecurityContext): void {
  checkNamespaces(`${FIELD}.namespace_options`, context.namespaceOptions);
  checkUser(FIELD, context);
  checkProfile(`${FIELD}.seccomp`, context.seccomp);
  checkProfile(`${FIELD}.apparmor`, context.apparmor);
  checkSelinux(`${FIELD}.selinux_options`, context.selinuxOptions);
}

/**
 * The security part of a container's HostConfig, but for its groups.
 * @param selinuxLevel the pod's.
 */
export function containerSecurity(
  context: LinuxContainerSecurityContext | undefined,
  seccomp: Seccomp,
  selinuxLevel: string,
): Partial<HostConfig> {
  if (context === undefined) return { SecurityOpt: seccompOption(seccomp) };
  return {
    ...privilege(context),
    ReadonlyRootfs: context.readonlyRootfs,
    ...dockerCapabilities(context.capabilities),
    // CRI's empty list means that nothing is masked (procMount Unmasked); for null Docker would take its own defaults.
    MaskedPaths: context.privileged ? [] : context.maskedPaths,
    ReadonlyPaths: context.privileged ? [] : context.readonlyPaths,
    SecurityOpt: [
      ...(context.privileged ? [] : seccompOption(seccomp)),
      ...appArmorOption(appArmorWish(context.apparmor, context.apparmorProfile)),
      ...(context.noNewPrivs ? ['no-new-privileges'] : []),
      ...memberSelinuxOptions(context.selinuxOptions, selinuxLevel),
    ],
  };
}

/**
 * A privileged container sees the node's cgroups, as with the other runtimes: node agents find those of the pods there.
 * Docker's own default on cgroup v2 would be a namespace of the container's own.
 */
function privilege({ privileged }: { readonly privileged: boolean }): Pick<HostConfig, 'Privileged' | 'CgroupnsMode'> {
  return { Privileged: privileged, ...(privileged && { CgroupnsMode: NODE }) };
}

/** The security part of a pause container's HostConfig. It never needs to gain privileges. */
export function sandboxSecurity(
  context: LinuxSandboxSecurityContext | undefined,
  seccomp: Seccomp,
): Partial<HostConfig> {
  return {
    ...(context && { ...privilege(context), ReadonlyRootfs: context.readonlyRootfs }),
    ...supplementalGroups(context),
    SecurityOpt: [
      'no-new-privileges',
      ...(context?.privileged ? [] : seccompOption(seccomp)),
      ...appArmorOption(appArmorWish(context?.apparmor, '')),
      ...selinuxOptions(context?.selinuxOptions),
    ],
  };
}
