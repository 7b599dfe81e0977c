import { SecurityProfile, SecurityProfile_ProfileType as ProfileType } from '../../../../generated/runtime/v1/api';
import { checkProfile, withoutLocalhost } from '../../../../src/translate/security/profile';
import { testFields, type FieldTable } from '../../../support/field-table';

type Given = Parameters<typeof SecurityProfile.fromPartial>[0];

const MISSING = /^InvalidArgument: seccomp\.localhost_ref is missing/;

const FIELDS: FieldTable<SecurityProfile, Given, 'taken'> = {
  profileType: [
    [{}, 'taken'],
    [{ profileType: ProfileType.Unconfined }, 'taken'],
    [{ profileType: 3 as ProfileType }, /^InvalidArgument: seccomp\.profile_type is unknown: 3/],
    [{ profileType: ProfileType.Localhost }, MISSING],
  ],
  localhostRef: [
    [{ profileType: ProfileType.Localhost, localhostRef: '/p/a.json' }, 'taken'],
    [{ profileType: ProfileType.Localhost, localhostRef: 'localhost/' }, MISSING],
    [{ profileType: ProfileType.Localhost, localhostRef: 'a\n' }, /^InvalidArgument: .*localhost_ref has a control/],
    [{ localhostRef: '/p/a.json' }, /^InvalidArgument: seccomp\.localhost_ref needs the profile_type Localhost/],
    [
      { profileType: ProfileType.Unconfined, localhostRef: '/p/a.json' },
      /^InvalidArgument: seccomp\.localhost_ref needs the profile_type Localhost/,
    ],
  ],
};

testFields(FIELDS, (given) => {
  checkProfile('seccomp', SecurityProfile.fromPartial(given));
  return 'taken';
});

it('none is no error', () => {
  expect(() => checkProfile('seccomp', undefined)).not.toThrow();
});

it.each([
  ['localhost/mine', 'mine'],
  ['mine', 'mine'],
  ['localhost/localhost/mine', 'localhost/mine'],
])('%j is the profile %j', (reference, name) => {
  expect(withoutLocalhost(reference)).toBe(name);
});
