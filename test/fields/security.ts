import { SecurityProfile_ProfileType as ProfileType, SupplementalGroupsPolicy } from '../../generated/runtime/v1/api';
import { carriedOut, create, refused, run, type Messages } from './field';

const { RuntimeDefault, Unconfined, Localhost } = ProfileType;
const PROFILE = { profileType: Localhost, localhostRef: '/var/lib/kubelet/seccomp/a.json' };
const STRICT = SupplementalGroupsPolicy.Strict;
const USER = { value: 1000n };

type Context = NonNullable<NonNullable<Parameters<typeof create>[0]['linux']>['securityContext']>;
type SandboxContext = NonNullable<NonNullable<Parameters<typeof run>[0]['linux']>['securityContext']>;

const of = (securityContext: Context, refusal?: string) => create({ linux: { securityContext } }, refusal);
const ofSandbox = (securityContext: SandboxContext, refusal?: string) => run({ linux: { securityContext } }, refusal);

const RANGE = 'must be between 0 and 2147483647, not';
const FIELD = 'linux.security_context';
const NEEDS_USER = `InvalidArgument: ${FIELD}.run_as_group needs run_as_user or run_as_username beside it`;

/** What confines containers and sandboxes. */
export const SECURITY: Messages = {
  LinuxSandboxSecurityContext: {
    namespace_options: carriedOut('See below.', ofSandbox({ namespaceOptions: { network: 2 } })),
    selinux_options: carriedOut('`label=…` in `SecurityOpt`.', ofSandbox({ selinuxOptions: { type: 'spc_t' } })),
    run_as_user: carriedOut(
      '`User`.',
      ofSandbox({ runAsUser: USER }),
      ofSandbox({ runAsUser: { value: -1n } }, `InvalidArgument: ${FIELD}.run_as_user ${RANGE} -1`),
    ),
    run_as_group: carriedOut(
      '`User`, after the colon.',
      ofSandbox({ runAsUser: USER, runAsGroup: USER }),
      ofSandbox({ runAsGroup: USER }, NEEDS_USER),
    ),
    readonly_rootfs: carriedOut('`ReadonlyRootfs`.', ofSandbox({ readonlyRootfs: true })),
    supplemental_groups: carriedOut('`GroupAdd`.', ofSandbox({ supplementalGroups: [5n] })),
    supplemental_groups_policy: carriedOut(
      'For Strict `User` has a group, `run_as_group` or 0, so that Docker adds none.',
      ofSandbox({ runAsUser: USER, supplementalGroupsPolicy: STRICT }),
    ),
    privileged: carriedOut('`Privileged`, with `CgroupnsMode: host`.', ofSandbox({ privileged: true })),
    seccomp: carriedOut(
      '`seccomp=…` in `SecurityOpt`; without it Docker’s default.',
      ofSandbox({ seccomp: { profileType: Unconfined } }),
      ofSandbox({ seccomp: PROFILE }),
    ),
    apparmor: carriedOut('`apparmor=…` in `SecurityOpt`.', ofSandbox({ apparmor: { profileType: Unconfined } })),
    seccomp_profile_path: carriedOut(
      'As `seccomp`, which wins over it.',
      ofSandbox({ seccompProfilePath: 'unconfined' }),
    ),
  },
  LinuxContainerSecurityContext: {
    capabilities: carriedOut('See below.', of({ capabilities: { addCapabilities: ['NET_ADMIN'] } })),
    privileged: carriedOut(
      '`Privileged`, with `CgroupnsMode: host`: neither seccomp nor masked or read-only paths then.',
      of({ privileged: true, seccomp: PROFILE }),
    ),
    namespace_options: carriedOut('See above.', of({ namespaceOptions: { pid: 1 } })),
    selinux_options: carriedOut(
      '`label=…` in `SecurityOpt`; without a level, with that of the sandbox. Where SELinux is off there is nothing to label, here as elsewhere.',
      of({ selinuxOptions: { type: 'spc_t' } }),
    ),
    run_as_user: carriedOut(
      '`User`; without it the image’s.',
      of({ runAsUser: USER }),
      of({ runAsUser: { value: 2n ** 31n } }, `InvalidArgument: ${FIELD}.run_as_user ${RANGE} 2147483648`),
    ),
    run_as_group: carriedOut(
      '`User`, after the colon.',
      of({ runAsUser: USER, runAsGroup: USER }),
      of({ runAsGroup: USER }, NEEDS_USER),
    ),
    run_as_username: carriedOut(
      '`User`, as the number that the image has for it.',
      of({ runAsUsername: 'www' }),
      of({ runAsUsername: 'www:0' }, `InvalidArgument: ${FIELD}.run_as_username has no user name in "www:0"`),
      of(
        { runAsUsername: 'www', runAsUser: USER },
        `InvalidArgument: ${FIELD}.run_as_username cannot be given together with run_as_user`,
      ),
    ),
    readonly_rootfs: carriedOut('`ReadonlyRootfs`.', of({ readonlyRootfs: true })),
    supplemental_groups: carriedOut(
      '`GroupAdd`.',
      of({ supplementalGroups: [5n] }),
      of({ supplementalGroups: [-5n] }, `InvalidArgument: ${FIELD}.supplemental_groups ${RANGE} -5`),
    ),
    supplemental_groups_policy: carriedOut(
      'Docker adds the image’s groups for a user alone, and none when the user’s own group is given. So users are looked up in the image: `User` has the user’s group, and for Merge `GroupAdd` the image’s groups. The feature is announced.',
      of({ runAsUser: USER, supplementalGroupsPolicy: STRICT }),
    ),
    no_new_privs: carriedOut('`no-new-privileges` in `SecurityOpt`.', of({ noNewPrivs: true })),
    masked_paths: carriedOut(
      '`MaskedPaths`; an empty list masks nothing (`procMount: Unmasked`).',
      of({ maskedPaths: ['/proc/kcore'] }),
      of({ maskedPaths: ['proc'] }, `InvalidArgument: ${FIELD}.masked_paths must be an absolute path, not "proc"`),
    ),
    readonly_paths: carriedOut(
      '`ReadonlyPaths`, likewise.',
      of({ readonlyPaths: ['/proc/sys'] }),
      of({ readonlyPaths: ['/\0'] }, `InvalidArgument: ${FIELD}.readonly_paths has a control character`),
    ),
    seccomp: carriedOut(
      '`seccomp=…` in `SecurityOpt`: RuntimeDefault is Docker’s own profile, none is Unconfined. Unimplemented on an engine without seccomp.',
      of({ seccomp: { profileType: RuntimeDefault } }),
      of({ seccomp: PROFILE }),
    ),
    apparmor: carriedOut(
      '`apparmor=…` in `SecurityOpt`; RuntimeDefault and none are Docker’s own profile. A profile that the kernel has not loaded is InvalidArgument; on an engine without AppArmor every one is Unimplemented.',
      of({ apparmor: { profileType: Localhost, localhostRef: 'mine' } }),
      of({ apparmor: { profileType: Unconfined } }),
    ),
    apparmor_profile: carriedOut(
      'As `apparmor`, which wins over it, in the words of the old annotation: `runtime/default`, `unconfined`, `localhost/<profile>`.',
      of({ apparmorProfile: 'localhost/mine' }),
      of(
        { apparmorProfile: 'mine' },
        'InvalidArgument: apparmor_profile must be runtime/default, unconfined or localhost/<profile>, not "mine"',
      ),
    ),
    seccomp_profile_path: carriedOut(
      'As `seccomp`, which wins over it: `runtime/default`, `docker/default`, `unconfined`, `localhost/<path>`.',
      of({ seccompProfilePath: 'runtime/default' }),
    ),
  },
  Capability: {
    add_capabilities: carriedOut(
      '`CapAdd`, without those that are dropped.',
      of({ capabilities: { addCapabilities: ['NET_ADMIN'] } }),
    ),
    drop_capabilities: carriedOut('`CapDrop`.', of({ capabilities: { dropCapabilities: ['ALL'] } })),
    add_ambient_capabilities: refused(
      'Docker has none.',
      of(
        { capabilities: { addAmbientCapabilities: ['NET_RAW'] } },
        `Unimplemented: ${FIELD}.capabilities.add_ambient_capabilities: Docker cannot set ambient capabilities`,
      ),
    ),
  },
  SELinuxOption: {
    user: carriedOut(
      '`label=user:…`.',
      of({ selinuxOptions: { user: 'system_u' } }),
      of(
        { selinuxOptions: { user: 'a:b' } },
        `InvalidArgument: ${FIELD}.selinux_options.user has no SELinux user in "a:b"`,
      ),
    ),
    role: carriedOut('`label=role:…`.', of({ selinuxOptions: { role: 'system_r' } })),
    type: carriedOut('`label=type:…`.', of({ selinuxOptions: { type: 'spc_t' } })),
    level: carriedOut('`label=level:…`.', of({ selinuxOptions: { level: 's0:c1,c2' } })),
  },
  Int64Value: { value: carriedOut('What holds it says how.', of({ runAsUser: USER })) },
  SecurityProfile: {
    profile_type: carriedOut('What holds it says how.', of({ seccomp: { profileType: Unconfined } })),
    localhost_ref: carriedOut(
      'A seccomp profile is read from the file, whole, when the container is created: a missing one fails the call. An AppArmor profile goes by its name.',
      of({ seccomp: PROFILE }),
      of(
        { seccomp: { profileType: Localhost, localhostRef: 'a.json' } },
        'InvalidArgument: seccomp.localhost_ref must be the absolute path of a profile, without "..": "a.json"',
      ),
      of(
        { seccomp: { profileType: RuntimeDefault, localhostRef: '/a.json' } },
        `InvalidArgument: ${FIELD}.seccomp.localhost_ref needs the profile_type Localhost`,
      ),
    ),
  },
};
