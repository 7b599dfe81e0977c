import {
  SecurityProfile_ProfileType as ProfileType,
  type LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
  type SecurityProfile,
} from '../../../generated/runtime/v1/api';
import { invalid, unimplemented } from '../checks';

/** A seccomp profile as CRI names it, its file already read where it names one. */
export type Seccomp =
  | { readonly kind: 'engine default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly json: string };

/** The same before its file was read. */
export type SeccompWish =
  | { readonly kind: 'engine default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'file'; readonly path: string };

/**
 * What the CRI seccomp profile asks for. Without one the process is not confined: that is what the kubelet means by
 * leaving it out.
 * @throws ShimError InvalidArgument for a path that is not absolute.
 */
export function seccompWish(profile: SecurityProfile | undefined, deprecatedPath: string): SeccompWish {
  switch (profile?.profileType) {
    case ProfileType.RuntimeDefault:
      return { kind: 'engine default' };
    case ProfileType.Localhost:
      return { kind: 'file', path: seccompPath('seccomp.localhost_ref', profile.localhostRef) };
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
      return { kind: 'file', path: seccompPath('security_context.seccomp_profile_path', deprecatedPath) };
  }
}

/** What a container asks for. A privileged one has no seccomp; its profile does not even have to exist. */
export function containerSeccompWish(context: LinuxContainerSecurityContext | undefined): SeccompWish {
  if (context?.privileged) return { kind: 'unconfined' };
  return seccompWish(context?.seccomp, context?.seccompProfilePath ?? '');
}

/** What a sandbox asks for: the same, but one that says nothing gets the engine's default, as with the predecessors. */
export function sandboxSeccompWish(context: LinuxSandboxSecurityContext | undefined): SeccompWish {
  if (context?.privileged) return { kind: 'unconfined' };
  if (context?.seccomp === undefined && !context?.seccompProfilePath) return { kind: 'engine default' };
  return seccompWish(context.seccomp, context.seccompProfilePath);
}

/** @throws ShimError Unimplemented where the engine can't confine a process that is to be confined. */
export function checkSeccomp(field: string, wish: SeccompWish, engineHasSeccomp: boolean): void {
  if (wish.kind === 'unconfined' || engineHasSeccomp) return;
  throw unimplemented(field, 'this Docker Engine has no seccomp: ask for Unconfined, or use a node that has it');
}

export function seccompOption(seccomp: Seccomp): string[] {
  switch (seccomp.kind) {
    case 'engine default':
      return [];
    case 'unconfined':
      return ['seccomp=unconfined'];
    case 'profile':
      return [`seccomp=${seccomp.json}`];
  }
}

/** `localhost/` in front of the path is how the deprecated field had it. */
function seccompPath(field: string, reference: string): string {
  const path = reference.replace(/^localhost\/+/, '/');
  if (!path.startsWith('/') || path.split('/').includes('..')) {
    throw invalid(field, `must be the absolute path of a profile, without "..": ${JSON.stringify(reference)}`);
  }
  return path;
}
