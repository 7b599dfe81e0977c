import { SecurityProfile_ProfileType as ProfileType, type SecurityProfile } from '../../../../generated/runtime/v1/api';
import { appArmorOption, appArmorWish, checkAppArmor } from '../../../../src/translate/security/app-armor';
import { refusal } from '../../../support/refusal';

const of = (profileType: ProfileType, localhostRef = ''): SecurityProfile => ({ profileType, localhostRef });

it.each<[SecurityProfile | undefined, string, string[]]>([
  [undefined, '', []],
  [undefined, 'runtime/default', []],
  [undefined, 'unconfined', ['apparmor=unconfined']],
  [undefined, 'localhost/mine', ['apparmor=mine']],
  [of(ProfileType.RuntimeDefault), 'localhost/old', []],
  [of(ProfileType.Unconfined), 'localhost/old', ['apparmor=unconfined']],
  [of(ProfileType.Localhost, 'mine'), '', ['apparmor=mine']],
  [of(ProfileType.Localhost, 'localhost/mine'), 'unconfined', ['apparmor=mine']],
])('%j, with the deprecated %j, is %j', (profile, deprecated, options) => {
  expect(appArmorOption(appArmorWish(profile, deprecated))).toEqual(options);
});

it.each(['docker-default', 'localhost/', 'runtime/defautl', 'Unconfined'])('the deprecated %j is refused', (text) => {
  expect(refusal(() => appArmorWish(undefined, text))).toBe(
    `InvalidArgument: apparmor_profile must be runtime/default, unconfined or localhost/<profile>, not "${text}"`,
  );
});

it('a control character in the deprecated one is refused', () => {
  expect(refusal(() => appArmorWish(undefined, 'localhost/a\n'))).toMatch(
    /^InvalidArgument: apparmor_profile has a con/,
  );
});

describe('an engine without AppArmor', () => {
  const NONE = 'Unimplemented: apparmor: this Docker Engine has no AppArmor: leave it out, or use a node that has it';

  it('refuses every profile', () => {
    expect(refusal(() => checkAppArmor('apparmor', { kind: 'engine default' }, false))).toBe(NONE);
    expect(refusal(() => checkAppArmor('apparmor', { kind: 'profile', name: 'mine' }, false))).toBe(NONE);
  });

  it('takes a container that is not to be confined, or that says nothing', () => {
    expect(() => checkAppArmor('apparmor', { kind: 'unconfined' }, false)).not.toThrow();
    expect(() => checkAppArmor('apparmor', undefined, false)).not.toThrow();
  });
});
