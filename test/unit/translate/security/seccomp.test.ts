import {
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  SecurityProfile_ProfileType as ProfileType,
  type SecurityProfile,
} from '../../../../generated/runtime/v1/api';
import {
  checkSeccomp,
  containerSeccompWish,
  sandboxSeccompWish,
  seccompOption,
  seccompWish,
  type Seccomp,
  type SeccompWish,
} from '../../../../src/translate/security/seccomp';
import { testFields, type FieldTable } from '../../../support/field-table';
import { refusal } from '../../../support/refusal';

type Given = readonly [profile: SecurityProfile | undefined, deprecated: string];

const profile = (profileType: ProfileType, localhostRef = ''): Given => [{ profileType, localhostRef }, ''];
const NOT_A_PATH =
  /^InvalidArgument: (seccomp\.localhost_ref|security_context\.seccomp_profile_path) must be the absolute path of a profile, without "\.\.": "/;

const FIELDS: FieldTable<SecurityProfile & { deprecated: string }, Given, SeccompWish> = {
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

it.each<[Seccomp, string[]]>([
  [{ kind: 'engine default' }, []],
  [{ kind: 'unconfined' }, ['seccomp=unconfined']],
  [{ kind: 'profile', json: '{"defaultAction":"SCMP_ACT_KILL"}' }, ['seccomp={"defaultAction":"SCMP_ACT_KILL"}']],
])('%j is the option %j', (seccomp, options) => {
  expect(seccompOption(seccomp)).toEqual(options);
});

it('an engine without seccomp refuses every profile', () => {
  const words = /^Unimplemented: seccomp: this Docker Engine has no seccomp/;
  expect(refusal(() => checkSeccomp('seccomp', { kind: 'engine default' }, false))).toMatch(words);
  expect(refusal(() => checkSeccomp('seccomp', { kind: 'file', path: '/p' }, false))).toMatch(words);
  expect(() => checkSeccomp('seccomp', { kind: 'unconfined' }, false)).not.toThrow();
});

describe('privileged, or saying nothing', () => {
  const seccomp = { profileType: ProfileType.Localhost, localhostRef: '/p/a.json' };
  const container = (context: object) => containerSeccompWish(LinuxContainerSecurityContext.fromPartial(context));
  const sandbox = (context: object) => sandboxSeccompWish(LinuxSandboxSecurityContext.fromPartial(context));

  it('a container is not confined', () => {
    expect(containerSeccompWish(undefined)).toEqual({ kind: 'unconfined' });
    expect(container({})).toEqual({ kind: 'unconfined' });
    expect(container({ seccomp })).toEqual({ kind: 'file', path: '/p/a.json' });
    expect(container({ seccomp, privileged: true })).toEqual({ kind: 'unconfined' });
  });

  it('a sandbox is not confined, or has the engine’s default', () => {
    expect(sandboxSeccompWish(undefined)).toEqual({ kind: 'engine default' });
    expect(sandbox({})).toEqual({ kind: 'engine default' });
    expect(sandbox({ seccomp })).toEqual({ kind: 'file', path: '/p/a.json' });
    expect(sandbox({ seccompProfilePath: 'unconfined' })).toEqual({ kind: 'unconfined' });
    expect(sandbox({ seccomp, privileged: true })).toEqual({ kind: 'unconfined' });
  });
});
