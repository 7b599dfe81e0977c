import type { Capability, SELinuxOption, SecurityProfile } from '../../../generated/runtime/v1/api';
import {
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  SecurityProfile_ProfileType as ProfileType,
  SupplementalGroupsPolicy,
} from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../../src/docker/types';
import {
  appArmorOption,
  checkContainerSecurity,
  checkSandboxSecurity,
  containerSecurity,
  dockerUser,
  sandboxSecurity,
  seccompWish,
  type Seccomp,
} from '../../../src/translate/security';
import { testFields, type FieldTable } from '../../support/field-table';

const ENGINE_DEFAULT: Seccomp = { kind: 'engine default' };
const UNKNOWN_PROFILE = 3 as ProfileType;
const UNKNOWN_POLICY = 2 as SupplementalGroupsPolicy;
const AMBIENT = /^Unimplemented: .*add_ambient_capabilities: Docker can not set ambient capabilities/;

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
  const PRIVILEGED = { ...PLAIN, Privileged: true };

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
      [{ supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict }, /^Unimplemented: .*supplemental_groups_policy/],
      [{ supplementalGroupsPolicy: UNKNOWN_POLICY }, /^InvalidArgument: .*supplemental_groups_policy is unknown: 2/],
    ],
    noNewPrivs: [[{ noNewPrivs: true }, { ...PLAIN, SecurityOpt: ['no-new-privileges'] }]],
    // An empty list is said too: for none, Docker would mask its own (procMount: Unmasked would not work).
    maskedPaths: [
      [{ maskedPaths: ['/proc/kcore'] }, { ...PLAIN, MaskedPaths: ['/proc/kcore'] }],
      [{ maskedPaths: [] }, PLAIN],
    ],
    readonlyPaths: [[{ readonlyPaths: ['/proc/sys'] }, { ...PLAIN, ReadonlyPaths: ['/proc/sys'] }]],
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
    checkContainerSecurity(context);
    return { ...containerSecurity(context, ENGINE_DEFAULT), User: dockerUser(context) };
  });

  it.each<[Seccomp, string[]]>([
    [{ kind: 'engine default' }, []],
    [{ kind: 'unconfined' }, ['seccomp=unconfined']],
    [{ kind: 'profile', json: '{"defaultAction":"SCMP_ACT_KILL"}' }, ['seccomp={"defaultAction":"SCMP_ACT_KILL"}']],
  ])('seccomp %j is %j', (seccomp, options) => {
    expect(containerSecurity(undefined, seccomp)).toEqual({ SecurityOpt: options });
    expect(containerSecurity(LinuxContainerSecurityContext.fromPartial({}), seccomp).SecurityOpt).toEqual(options);
    const privileged = LinuxContainerSecurityContext.fromPartial({ privileged: true });
    expect(containerSecurity(privileged, seccomp).SecurityOpt).toEqual([]);
  });

  it('all options at once', () => {
    const context = LinuxContainerSecurityContext.fromPartial({
      apparmor: { profileType: ProfileType.Localhost, localhostRef: 'mine' },
      noNewPrivs: true,
      selinuxOptions: { level: 's0' },
    });
    expect(containerSecurity(context, { kind: 'unconfined' }).SecurityOpt).toEqual([
      'seccomp=unconfined',
      'apparmor=mine',
      'no-new-privileges',
      'label=level:s0',
    ]);
  });

  it('no context is no error', () => {
    expect(() => checkContainerSecurity(undefined)).not.toThrow();
    expect(dockerUser(undefined)).toBeUndefined();
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
      [{ namespaceOptions: { pid: 3, targetId: 'f00' } }, /^InvalidArgument: .*\.pid can not be TARGET/],
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
    supplementalGroupsPolicy: [
      [{ supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict }, /^Unimplemented: .*supplemental_groups_policy/],
    ],
    privileged: [[{ privileged: true }, { ...PLAIN, Privileged: true }]],
    seccomp: [[{ seccomp: { profileType: UNKNOWN_PROFILE } }, /^InvalidArgument: .*seccomp\.profile_type is unknown/]],
    apparmor: [
      [{ apparmor: { profileType: ProfileType.Unconfined } }, with_('apparmor=unconfined')],
      [{ apparmor: { profileType: ProfileType.Localhost } }, /^InvalidArgument: .*apparmor\.localhost_ref is missing/],
    ],
    seccompProfilePath: [[{ seccompProfilePath: 'unconfined' }, PLAIN]],
  };

  testFields(FIELDS, (given) => {
    const context = LinuxSandboxSecurityContext.fromPartial(given);
    checkSandboxSecurity(context);
    return { ...sandboxSecurity(context, ENGINE_DEFAULT), User: dockerUser(context) };
  });

  it('never needs to gain privileges, whatever is said or not', () => {
    expect(sandboxSecurity(undefined, ENGINE_DEFAULT)).toEqual({ SecurityOpt: ['no-new-privileges'] });
    expect(sandboxSecurity(undefined, { kind: 'unconfined' })).toEqual({
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    });
    expect(() => checkSandboxSecurity(undefined)).not.toThrow();
  });

  it('a privileged one has no seccomp', () => {
    const context = LinuxSandboxSecurityContext.fromPartial({ privileged: true });
    expect(sandboxSecurity(context, { kind: 'unconfined' }).SecurityOpt).toEqual(['no-new-privileges']);
  });
});

describe('SELinux', () => {
  type Given = Parameters<typeof SELinuxOption.fromPartial>[0];

  const FIELDS: FieldTable<SELinuxOption, Given, string[]> = {
    user: [[{ user: 'system_u' }, ['label=user:system_u']]],
    role: [[{ role: 'system_r' }, ['label=role:system_r']]],
    type: [[{ type: 'svirt_t' }, ['label=type:svirt_t']]],
    level: [[{ level: 's0:c1,c2' }, ['label=level:s0:c1,c2']]],
  };

  testFields(FIELDS, (selinuxOptions) => {
    const context = LinuxContainerSecurityContext.fromPartial({ selinuxOptions });
    return containerSecurity(context, ENGINE_DEFAULT).SecurityOpt;
  });
});

describe('capabilities', () => {
  type Given = Parameters<typeof Capability.fromPartial>[0];

  const FIELDS: FieldTable<Capability, Given, HostConfig> = {
    addCapabilities: [[{ addCapabilities: ['A', 'B'] }, { CapAdd: ['A', 'B'], CapDrop: [] }]],
    dropCapabilities: [[{ dropCapabilities: ['A', 'B'] }, { CapAdd: [], CapDrop: ['A', 'B'] }]],
    addAmbientCapabilities: [[{ addAmbientCapabilities: ['A'] }, AMBIENT]],
  };

  testFields(FIELDS, (capabilities) => {
    const context = LinuxContainerSecurityContext.fromPartial({ capabilities });
    checkContainerSecurity(context);
    const { CapAdd, CapDrop } = containerSecurity(context, ENGINE_DEFAULT);
    return { CapAdd, CapDrop };
  });
});

describe('an AppArmor profile', () => {
  it.each<[SecurityProfile | undefined, string, string[]]>([
    [undefined, '', []],
    [undefined, 'runtime/default', []],
    [undefined, 'unconfined', ['apparmor=unconfined']],
    [undefined, 'localhost/mine', ['apparmor=mine']],
    [{ profileType: ProfileType.RuntimeDefault, localhostRef: '' }, 'localhost/old', []],
    [{ profileType: ProfileType.Unconfined, localhostRef: '' }, 'localhost/old', ['apparmor=unconfined']],
    [{ profileType: ProfileType.Localhost, localhostRef: 'mine' }, '', ['apparmor=mine']],
    [{ profileType: ProfileType.Localhost, localhostRef: 'localhost/mine' }, 'unconfined', ['apparmor=mine']],
  ])('%j, with the deprecated %j, is %j', (profile, deprecated, options) => {
    expect(appArmorOption(profile, deprecated)).toEqual(options);
  });
});

describe('a seccomp profile', () => {
  type Given = readonly [profile: SecurityProfile | undefined, deprecated: string];

  const profile = (profileType: ProfileType, localhostRef = ''): Given => [{ profileType, localhostRef }, ''];
  const NOT_A_PATH = /^InvalidArgument: seccomp\.localhost_ref must be the absolute path of a profile, not "/;

  const FIELDS: FieldTable<SecurityProfile & { deprecated: string }, Given, ReturnType<typeof seccompWish>> = {
    profileType: [
      [[undefined, ''], { kind: 'unconfined' }],
      [profile(ProfileType.RuntimeDefault), { kind: 'engine default' }],
      [profile(ProfileType.Unconfined), { kind: 'unconfined' }],
      [profile(ProfileType.Localhost, '/p/a.json'), { kind: 'file', path: '/p/a.json' }],
      [[{ profileType: ProfileType.RuntimeDefault, localhostRef: '' }, 'unconfined'], { kind: 'engine default' }],
    ],
    localhostRef: [
      [profile(ProfileType.Localhost, 'localhost//p/a.json'), { kind: 'file', path: '/p/a.json' }],
      [profile(ProfileType.Localhost, '/p/..a.json'), { kind: 'file', path: '/p/..a.json' }],
      [profile(ProfileType.Localhost, 'a.json'), NOT_A_PATH],
      // As long as `localhost` in front of the slash, and not that.
      [profile(ProfileType.Localhost, 'profiles1/p/a.json'), NOT_A_PATH],
      [profile(ProfileType.Localhost, '/p/../../etc/a.json'), NOT_A_PATH],
      [profile(ProfileType.Localhost, '/p/..'), NOT_A_PATH],
    ],
    deprecated: [
      [[undefined, 'runtime/default'], { kind: 'engine default' }],
      [[undefined, 'docker/default'], { kind: 'engine default' }],
      [[undefined, 'unconfined'], { kind: 'unconfined' }],
      [[undefined, 'localhost//p/a.json'], { kind: 'file', path: '/p/a.json' }],
      [[undefined, 'localhost/p/a.json'], { kind: 'file', path: '/p/a.json' }],
      [[undefined, 'runtime/defautl'], NOT_A_PATH],
      [[undefined, 'localhost/../etc/a.json'], NOT_A_PATH],
    ],
  };

  testFields(FIELDS, ([wanted, deprecated]) => seccompWish(wanted, deprecated));
});
