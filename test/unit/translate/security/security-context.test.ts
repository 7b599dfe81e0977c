import {
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  SecurityProfile_ProfileType as ProfileType,
  SupplementalGroupsPolicy,
} from '../../../../generated/runtime/v1/api';
import type { HostConfig } from '../../../../src/docker/types';
import type { Seccomp } from '../../../../src/translate/security/seccomp';
import {
  checkContainerSecurity,
  checkSandboxSecurity,
  containerSecurity,
  sandboxSecurity,
} from '../../../../src/translate/security/security-context';
import { containerUser, sandboxUser } from '../../../../src/translate/users/user';
import { testFields, type FieldTable } from '../../../support/field-table';
import { refusal } from '../../../support/refusal';

const ENGINE_DEFAULT: Seccomp = { kind: 'engine default' };
const ABLE = { seccomp: true, appArmor: true };
const NEITHER = { seccomp: false, appArmor: false };
const UNKNOWN_PROFILE = 3 as ProfileType;
const UNKNOWN_POLICY = 2 as SupplementalGroupsPolicy;
const AMBIENT = /^Unimplemented: .*add_ambient_capabilities: Docker cannot set ambient capabilities/;

/** The user of the process is no part of HostConfig; it stands beside it here. */
type Part = HostConfig & { readonly User?: string };

describe('of a container', () => {
  type Given = Parameters<typeof LinuxContainerSecurityContext.fromPartial>[0];

  const PLAIN = {
    Privileged: false,
    ReadonlyRootfs: false,
    CapAdd: [],
    CapDrop: [],
    MaskedPaths: [],
    ReadonlyPaths: [],
    SecurityOpt: [],
  };
  const PRIVILEGED = { ...PLAIN, Privileged: true, CgroupnsMode: 'host' };

  const FIELDS: FieldTable<LinuxContainerSecurityContext, Given, Part> = {
    capabilities: [
      [{ capabilities: {} }, PLAIN],
      [
        { capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL'] } },
        { ...PLAIN, CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'] },
      ],
      [{ capabilities: { addAmbientCapabilities: ['NET_RAW'] } }, AMBIENT],
    ],
    privileged: [
      [{ privileged: true }, PRIVILEGED],
      [{ privileged: true, maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'] }, PRIVILEGED],
    ],
    namespaceOptions: [
      [{ namespaceOptions: { network: 1 } }, /^InvalidArgument: linux\.security_context\.namespace_o/],
    ],
    selinuxOptions: [
      [{ selinuxOptions: { type: 'spc_t' } }, { ...PLAIN, SecurityOpt: ['label=type:spc_t'] }],
      [{ selinuxOptions: {} }, PLAIN],
    ],
    runAsUser: [
      [{ runAsUser: { value: 0n } }, { ...PLAIN, User: '0' }],
      [{ runAsUser: { value: 1000n } }, { ...PLAIN, User: '1000' }],
      [{ runAsUser: { value: -1n } }, /^InvalidArgument: linux\.security_context\.run_as_user must be between/],
      [{ runAsUser: { value: 2n ** 31n } }, /^InvalidArgument: linux\.security_context\.run_as_user/],
    ],
    runAsGroup: [
      [
        { runAsUser: { value: 1000n }, runAsGroup: { value: 0n } },
        { ...PLAIN, User: '1000:0' },
      ],
      [
        { runAsUsername: 'www', runAsGroup: { value: 33n } },
        { ...PLAIN, User: 'www:33' },
      ],
      [{ runAsGroup: { value: 33n } }, /^InvalidArgument: linux\.security_context\.run_as_group needs run_as_user/],
      [{ runAsUser: { value: 1n }, runAsGroup: { value: -1n } }, /^InvalidArgument: .*run_as_group must be between/],
    ],
    runAsUsername: [
      [{ runAsUsername: 'www' }, { ...PLAIN, User: 'www' }],
      [{ runAsUsername: '' }, PLAIN],
      [{ runAsUsername: 'www\n' }, /^InvalidArgument: linux\.security_context\.run_as_username has a control/],
    ],
    readonlyRootfs: [[{ readonlyRootfs: true }, { ...PLAIN, ReadonlyRootfs: true }]],
    supplementalGroups: [
      [{ supplementalGroups: [100n, 2_147_483_647n] }, { ...PLAIN, GroupAdd: ['100', '2147483647'] }],
      [{ supplementalGroups: [1n, -1n] }, /^InvalidArgument: .*supplemental_groups must be between/],
    ],
    supplementalGroupsPolicy: [
      [{ supplementalGroupsPolicy: SupplementalGroupsPolicy.Merge }, PLAIN],
      [{ supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict }, PLAIN],
      [{ supplementalGroupsPolicy: UNKNOWN_POLICY }, /^InvalidArgument: .*supplemental_groups_policy is unknown: 2/],
    ],
    noNewPrivs: [[{ noNewPrivs: true }, { ...PLAIN, SecurityOpt: ['no-new-privileges'] }]],
    // An empty list is said too: for none, Docker would mask its own (procMount: Unmasked would not work).
    maskedPaths: [
      [{ maskedPaths: ['/proc/kcore'] }, { ...PLAIN, MaskedPaths: ['/proc/kcore'] }],
      [{ maskedPaths: [] }, PLAIN],
      [{ maskedPaths: ['proc/kcore'] }, /^InvalidArgument: .*masked_paths must be an absolute path, not "proc\/kcore"/],
    ],
    readonlyPaths: [
      [{ readonlyPaths: ['/proc/sys'] }, { ...PLAIN, ReadonlyPaths: ['/proc/sys'] }],
      [{ readonlyPaths: ['/proc/sys\n'] }, /^InvalidArgument: .*readonly_paths has a control character/],
    ],
    seccomp: [
      [{ seccomp: { profileType: UNKNOWN_PROFILE } }, /^InvalidArgument: .*seccomp\.profile_type is unknown: 3/],
      [{ seccomp: { profileType: ProfileType.Localhost } }, /^InvalidArgument: .*seccomp\.localhost_ref is missing/],
    ],
    apparmor: [
      [{ apparmor: { profileType: ProfileType.Unconfined } }, { ...PLAIN, SecurityOpt: ['apparmor=unconfined'] }],
      [
        { apparmor: { profileType: ProfileType.Unconfined }, apparmorProfile: 'localhost/old' },
        { ...PLAIN, SecurityOpt: ['apparmor=unconfined'] },
      ],
      [{ apparmor: { profileType: UNKNOWN_PROFILE } }, /^InvalidArgument: .*apparmor\.profile_type is unknown: 3/],
    ],
    apparmorProfile: [[{ apparmorProfile: 'localhost/mine' }, { ...PLAIN, SecurityOpt: ['apparmor=mine'] }]],
    // Its file is read before: see what seccompWish makes of it.
    seccompProfilePath: [[{ seccompProfilePath: 'unconfined' }, PLAIN]],
  };

  testFields(FIELDS, (given) => {
    const context = LinuxContainerSecurityContext.fromPartial(given);
    checkContainerSecurity(context, ABLE);
    const { user, groups } = containerUser(context, undefined);
    return { ...containerSecurity(context, ENGINE_DEFAULT, ''), ...groups, User: user };
  });

  it.each<[Seccomp, string[]]>([
    [{ kind: 'engine default' }, []],
    [{ kind: 'unconfined' }, ['seccomp=unconfined']],
    [{ kind: 'profile', json: '{"defaultAction":"SCMP_ACT_KILL"}' }, ['seccomp={"defaultAction":"SCMP_ACT_KILL"}']],
  ])('seccomp %j is %j', (seccomp, options) => {
    expect(containerSecurity(undefined, seccomp, '')).toEqual({ SecurityOpt: options });
    expect(containerSecurity(LinuxContainerSecurityContext.fromPartial({}), seccomp, '').SecurityOpt).toEqual(options);
    const privileged = LinuxContainerSecurityContext.fromPartial({ privileged: true });
    expect(containerSecurity(privileged, seccomp, '').SecurityOpt).toEqual([]);
  });

  it('all options at once', () => {
    const context = LinuxContainerSecurityContext.fromPartial({
      apparmor: { profileType: ProfileType.Localhost, localhostRef: 'mine' },
      noNewPrivs: true,
      selinuxOptions: { level: 's0' },
    });
    expect(containerSecurity(context, { kind: 'unconfined' }, '').SecurityOpt).toEqual([
      'seccomp=unconfined',
      'apparmor=mine',
      'no-new-privileges',
      'label=level:s0',
    ]);
  });

  it('an engine without seccomp or AppArmor confines nobody who asks for it', () => {
    const check = (given: Given) => () =>
      checkContainerSecurity(LinuxContainerSecurityContext.fromPartial(given), NEITHER);
    const seccomp = { profileType: ProfileType.RuntimeDefault };
    expect(refusal(check({ seccomp }))).toMatch(/^Unimplemented: linux\.security_context\.seccomp: this Docker Engine/);
    expect(check({ seccomp, privileged: true })).not.toThrow();
    expect(check({})).not.toThrow();
    expect(refusal(check({ apparmorProfile: 'runtime/default' }))).toMatch(/^Unimplemented: .*\.apparmor: this Docker/);
  });

  it('no context is no error', () => {
    expect(() => checkContainerSecurity(undefined, ABLE)).not.toThrow();
  });
});

describe('of a sandbox', () => {
  type Given = Parameters<typeof LinuxSandboxSecurityContext.fromPartial>[0];

  const PLAIN = { Privileged: false, ReadonlyRootfs: false, SecurityOpt: ['no-new-privileges'] };

  function with_(option: string): Part {
    return { ...PLAIN, SecurityOpt: ['no-new-privileges', option] };
  }

  const FIELDS: FieldTable<LinuxSandboxSecurityContext, Given, Part> = {
    namespaceOptions: [
      [{ namespaceOptions: { ipc: 1 } }, /^InvalidArgument: linux\.security_context\.namespace_options/],
      [{ namespaceOptions: { pid: 3, targetId: 'f00' } }, /^InvalidArgument: .*\.pid cannot be TARGET/],
    ],
    selinuxOptions: [[{ selinuxOptions: { user: 'system_u' } }, with_('label=user:system_u')]],
    runAsUser: [
      [{ runAsUser: { value: 1000n } }, { ...PLAIN, User: '1000' }],
      [{ runAsUser: { value: -1n } }, /^InvalidArgument: .*run_as_user/],
    ],
    runAsGroup: [
      [
        { runAsUser: { value: 1000n }, runAsGroup: { value: 1n } },
        { ...PLAIN, User: '1000:1' },
      ],
      [{ runAsGroup: { value: 1n } }, /^InvalidArgument: .*run_as_group needs/],
    ],
    readonlyRootfs: [[{ readonlyRootfs: true }, { ...PLAIN, ReadonlyRootfs: true }]],
    supplementalGroups: [
      [{ supplementalGroups: [5n] }, { ...PLAIN, GroupAdd: ['5'] }],
      [{ supplementalGroups: [-5n] }, /^InvalidArgument: .*supplemental_groups/],
    ],
    supplementalGroupsPolicy: [[{ supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict }, PLAIN]],
    privileged: [[{ privileged: true }, { ...PLAIN, Privileged: true, CgroupnsMode: 'host' }]],
    seccomp: [[{ seccomp: { profileType: UNKNOWN_PROFILE } }, /^InvalidArgument: .*seccomp\.profile_type is unknown/]],
    apparmor: [
      [{ apparmor: { profileType: ProfileType.Unconfined } }, with_('apparmor=unconfined')],
      [{ apparmor: { profileType: ProfileType.Localhost } }, /^InvalidArgument: .*apparmor\.localhost_ref is missing/],
    ],
    seccompProfilePath: [[{ seccompProfilePath: 'unconfined' }, PLAIN]],
  };

  testFields(FIELDS, (given) => {
    const context = LinuxSandboxSecurityContext.fromPartial(given);
    checkSandboxSecurity(context, ABLE);
    return { ...sandboxSecurity(context, ENGINE_DEFAULT), User: sandboxUser(context) };
  });

  it('never needs to gain privileges, whatever is said or not', () => {
    expect(sandboxSecurity(undefined, ENGINE_DEFAULT)).toEqual({ SecurityOpt: ['no-new-privileges'] });
    expect(sandboxSecurity(undefined, { kind: 'unconfined' })).toEqual({
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    });
    expect(() => checkSandboxSecurity(undefined, ABLE)).not.toThrow();
  });

  it('an engine without seccomp takes what every kubelet asks for, and none without AppArmor a profile of it', () => {
    const check = (given: Given) => () => checkSandboxSecurity(LinuxSandboxSecurityContext.fromPartial(given), NEITHER);
    const profile = { profileType: ProfileType.RuntimeDefault };
    expect(check({ seccomp: profile })).not.toThrow();
    expect(refusal(check({ apparmor: profile }))).toMatch(
      /^Unimplemented: linux\.security_context\.apparmor: this Docker/,
    );
  });

  it('a privileged one has no seccomp', () => {
    const context = LinuxSandboxSecurityContext.fromPartial({ privileged: true });
    expect(sandboxSecurity(context, { kind: 'unconfined' }).SecurityOpt).toEqual(['no-new-privileges']);
  });
});
