import {
  LinuxContainerSecurityContext,
  SupplementalGroupsPolicy as Policy,
  type LinuxContainerSecurityContext as Context,
} from '../../../generated/runtime/v1/api';
import { checkUser, dockerUser, supplementalGroups } from '../../../src/translate/user';
import { testFields, type FieldTable } from '../../support/field-table';

type Given = Parameters<typeof LinuxContainerSecurityContext.fromPartial>[0];
type Fields = 'runAsUser' | 'runAsGroup' | 'runAsUsername' | 'supplementalGroups' | 'supplementalGroupsPolicy';

const ROOT = { value: 0n };
const USER = { value: 1000n };

interface Result {
  readonly User?: string;
  readonly GroupAdd?: readonly string[];
}

const FIELDS: FieldTable<Pick<Context, Fields>, Given, Result> = {
  runAsUser: [
    [{ runAsUser: ROOT }, { User: '0' }],
    [{ runAsUser: { value: 2n ** 31n - 1n } }, { User: '2147483647' }],
    [{ runAsUser: { value: 2n ** 31n } }, /^InvalidArgument: context\.run_as_user must be between 0 and 2147483647/],
    [{ runAsUser: { value: -1n } }, /^InvalidArgument: context\.run_as_user must be between/],
  ],
  runAsGroup: [
    [{ runAsUser: USER, runAsGroup: ROOT }, { User: '1000:0' }],
    [{ runAsUsername: 'www', runAsGroup: { value: 33n } }, { User: 'www:33' }],
    [{ runAsGroup: ROOT }, /^InvalidArgument: context\.run_as_group needs run_as_user or run_as_username/],
    [{ runAsUser: USER, runAsGroup: { value: 2n ** 32n } }, /^InvalidArgument: context\.run_as_group must be between/],
  ],
  runAsUsername: [
    [{ runAsUsername: 'www' }, { User: 'www' }],
    [{ runAsUsername: '' }, {}],
    [{ runAsUsername: '77' }, { User: '77' }],
    [{ runAsUsername: '4294967296' }, /^InvalidArgument: context\.run_as_username must be between/],
    [{ runAsUsername: 'www:0' }, /^InvalidArgument: context\.run_as_username has no user name in "www:0"/],
    [{ runAsUsername: 'a b' }, /^InvalidArgument: context\.run_as_username has no user name/],
    [{ runAsUsername: 'www\n' }, /^InvalidArgument: context\.run_as_username has a control/],
    [{ runAsUsername: 'www', runAsUser: USER }, /^InvalidArgument: .*run_as_username can not be given together with/],
  ],
  supplementalGroups: [
    [{ supplementalGroups: [0n, 2_147_483_647n] }, { GroupAdd: ['0', '2147483647'] }],
    [{ supplementalGroups: [1n, -1n] }, /^InvalidArgument: context\.supplemental_groups must be between/],
  ],
  supplementalGroupsPolicy: [
    [{ supplementalGroupsPolicy: Policy.Merge, runAsUser: USER }, { User: '1000' }],
    [{ supplementalGroupsPolicy: Policy.Strict, runAsUser: USER, runAsGroup: USER }, { User: '1000:1000' }],
    [
      { supplementalGroupsPolicy: Policy.Strict, runAsUser: USER },
      /^Unimplemented: context\.supplemental_groups_policy: Strict needs run_as_group/,
    ],
    [{ supplementalGroupsPolicy: 2 as Policy }, /^InvalidArgument: .*supplemental_groups_policy is unknown: 2/],
  ],
};

testFields(FIELDS, (given) => {
  const context = LinuxContainerSecurityContext.fromPartial(given);
  checkUser('context', context);
  const user = dockerUser(context);
  return { ...(user !== undefined && { User: user }), ...supplementalGroups(context) };
});

it('nothing said is the image’s own user', () => {
  expect([dockerUser(undefined), supplementalGroups(undefined)]).toEqual([undefined, {}]);
});
