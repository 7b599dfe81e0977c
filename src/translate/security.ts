import {
  NamespaceMode,
  SecurityProfile_ProfileType as ProfileType,
  SupplementalGroupsPolicy,
  type Int64Value,
  type LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
  type SELinuxOption,
  type SecurityProfile,
} from '../../generated/runtime/v1/api';
import type { HostConfig } from '../docker/types';
import { checkNamespaces } from './namespaces';
import { checkNoControl, checkUserId, invalid, unimplemented } from './checks';

/** A seccomp profile as CRI names it, its file already read where it names one. */
export type Seccomp =
  | { readonly kind: 'engine default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly json: string };

interface UserFields {
  readonly runAsUser: Int64Value | undefined;
  readonly runAsGroup: Int64Value | undefined;
  readonly runAsUsername?: string;
  readonly supplementalGroups: readonly bigint[];
  readonly supplementalGroupsPolicy: SupplementalGroupsPolicy;
}

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
export function checkContainerSecurity(context: LinuxContainerSecurityContext | undefined): void {
  if (context === undefined) return;
  const field = 'linux.security_context';
  checkNamespaces(`${field}.namespace_options`, context.namespaceOptions);
  checkUser(field, context);
  checkProfile(`${field}.seccomp`, context.seccomp);
  checkProfile(`${field}.apparmor`, context.apparmor);
  checkNoControl(`${field}.run_as_username`, context.runAsUsername);
  if ((context.capabilities?.addAmbientCapabilities ?? []).length > 0) {
    throw unimplemented(`${field}.capabilities.add_ambient_capabilities`, 'Docker can not set ambient capabilities');
  }
}

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
export function checkSandboxSecurity(context: LinuxSandboxSecurityContext | undefined): void {
  if (context === undefined) return;
  const field = 'linux.security_context';
  if (context.namespaceOptions?.pid === NamespaceMode.TARGET) {
    throw invalid(`${field}.namespace_options.pid`, 'can not be TARGET: a sandbox comes before every container');
  }
  checkNamespaces(`${field}.namespace_options`, context.namespaceOptions);
  checkUser(field, context);
  checkProfile(`${field}.seccomp`, context.seccomp);
  checkProfile(`${field}.apparmor`, context.apparmor);
}

/** A profile of a kind that is not known, or without a name, must never come to mean that there is none. */
function checkProfile(field: string, profile: SecurityProfile | undefined): void {
  if (profile === undefined) return;
  const { profileType, localhostRef } = profile;
  if (ProfileType[profileType] === undefined) throw invalid(`${field}.profile_type`, `is unknown: ${profileType}`);
  if (profileType !== ProfileType.Localhost) return;
  if (/^(localhost\/)?$/.test(localhostRef)) throw invalid(`${field}.localhost_ref`, 'is missing');
  checkNoControl(`${field}.localhost_ref`, localhostRef);
}

function checkUser(field: string, context: UserFields): void {
  if (context.runAsUser) checkUserId(`${field}.run_as_user`, context.runAsUser.value);
  if (context.runAsGroup) {
    checkUserId(`${field}.run_as_group`, context.runAsGroup.value);
    if (!context.runAsUser && !context.runAsUsername) {
      throw invalid(`${field}.run_as_group`, 'needs run_as_user or run_as_username beside it');
    }
  }
  for (const group of context.supplementalGroups) checkUserId(`${field}.supplemental_groups`, group);
  const policy = context.supplementalGroupsPolicy;
  if (SupplementalGroupsPolicy[policy] === undefined) {
    throw invalid(`${field}.supplemental_groups_policy`, `is unknown: ${policy}`);
  }
  if (policy === SupplementalGroupsPolicy.Strict) {
    throw unimplemented(
      `${field}.supplemental_groups_policy`,
      "Strict is not possible: Docker always adds the groups of the image's /etc/group",
    );
  }
}

/** Docker's `user[:group]`, or nothing for the image's own user. */
export function dockerUser(context: UserFields | undefined): string | undefined {
  const user = context?.runAsUser?.value.toString() ?? context?.runAsUsername ?? '';
  if (user === '') return undefined;
  return context?.runAsGroup ? `${user}:${context.runAsGroup.value}` : user;
}

export function supplementalGroups(context: UserFields | undefined): Pick<HostConfig, 'GroupAdd'> {
  const groups = context?.supplementalGroups ?? [];
  return groups.length === 0 ? {} : { GroupAdd: groups.map(String) };
}

/** The security part of a container's HostConfig. */
export function containerSecurity(
  context: LinuxContainerSecurityContext | undefined,
  seccomp: Seccomp,
): Partial<HostConfig> {
  if (context === undefined) return { SecurityOpt: seccompOption(seccomp) };
  return {
    Privileged: context.privileged,
    ReadonlyRootfs: context.readonlyRootfs,
    CapAdd: context.capabilities?.addCapabilities ?? [],
    CapDrop: context.capabilities?.dropCapabilities ?? [],
    ...supplementalGroups(context),
    // CRI's empty list means that nothing is masked (procMount Unmasked); for null Docker would take its own defaults.
    MaskedPaths: context.privileged ? [] : context.maskedPaths,
    ReadonlyPaths: context.privileged ? [] : context.readonlyPaths,
    SecurityOpt: [
      ...(context.privileged ? [] : seccompOption(seccomp)),
      ...appArmorOption(context.apparmor, context.apparmorProfile),
      ...(context.noNewPrivs ? ['no-new-privileges'] : []),
      ...selinuxOptions(context.selinuxOptions),
    ],
  };
}

/** The security part of a pause container's HostConfig. It never needs to gain privileges. */
export function sandboxSecurity(
  context: LinuxSandboxSecurityContext | undefined,
  seccomp: Seccomp,
): Partial<HostConfig> {
  return {
    ...(context && { Privileged: context.privileged, ReadonlyRootfs: context.readonlyRootfs }),
    ...supplementalGroups(context),
    SecurityOpt: [
      'no-new-privileges',
      ...(context?.privileged ? [] : seccompOption(seccomp)),
      ...appArmorOption(context?.apparmor, ''),
      ...selinuxOptions(context?.selinuxOptions),
    ],
  };
}

function seccompOption(seccomp: Seccomp): string[] {
  switch (seccomp.kind) {
    case 'engine default':
      return [];
    case 'unconfined':
      return ['seccomp=unconfined'];
    case 'profile':
      return [`seccomp=${seccomp.json}`];
  }
}

/** The profile field wins over the string that it replaced (`runtime/default`, `unconfined`, `localhost/<name>`). */
export function appArmorOption(profile: SecurityProfile | undefined, deprecated: string): string[] {
  switch (profile?.profileType) {
    case ProfileType.Unconfined:
      return ['apparmor=unconfined'];
    case ProfileType.Localhost:
      return [`apparmor=${profile.localhostRef.replace(/^localhost\//, '')}`];
    case ProfileType.RuntimeDefault:
      return [];
    default:
  }
  if (deprecated === '' || deprecated === 'runtime/default') return [];
  return [`apparmor=${deprecated.replace(/^localhost\//, '')}`];
}

function selinuxOptions(options: SELinuxOption | undefined): string[] {
  if (options === undefined) return [];
  const parts = { user: options.user, role: options.role, type: options.type, level: options.level };
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `label=${name}:${value}`);
}

/**
 * What the CRI seccomp profile asks for. Without one the process is not confined: that is what the kubelet means by
 * leaving it out. `profile` holds the path of a file still to be read.
 */
export function seccompWish(
  profile: SecurityProfile | undefined,
  deprecatedPath: string,
): { kind: 'engine default' } | { kind: 'unconfined' } | { kind: 'file'; path: string } {
  switch (profile?.profileType) {
    case ProfileType.RuntimeDefault:
      return { kind: 'engine default' };
    case ProfileType.Localhost:
      return { kind: 'file', path: seccompPath(profile.localhostRef) };
    case ProfileType.Unconfined:
      return { kind: 'unconfined' };
    default:
  }
  switch (deprecatedPath) {
    case 'runtime/default':
    case 'docker/default':
      return { kind: 'engine default' };
    case '':
    case 'unconfined':
      return { kind: 'unconfined' };
    default:
      return { kind: 'file', path: seccompPath(deprecatedPath) };
  }
}

/** `localhost/` in front of the path is how the deprecated field had it. */
function seccompPath(reference: string): string {
  const path = reference.replace(/^localhost\/+/, '/');
  if (!path.startsWith('/') || path.split('/').includes('..')) {
    throw invalid('seccomp.localhost_ref', `must be the absolute path of a profile, not ${JSON.stringify(reference)}`);
  }
  return path;
}
