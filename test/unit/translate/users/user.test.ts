import {
  LinuxContainerSecurityContext,
  SupplementalGroupsPolicy as Policy,
  type LinuxContainerSecurityContext as Context,
} from '../../../../generated/runtime/v1/api';
import { checkUser, containerUser, ownUser, sandboxUser, userToLookUp } from '../../../../src/translate/users/user';
import { testFields, type FieldTable } from '../../../support/field-table';

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
    [{ runAsUsername: 'www', runAsUser: USER }, /^InvalidArgument: .*run_as_username cannot be given together with/],
  ],
  supplementalGroups: [
    [{ supplementalGroups: [0n, 2_147_483_647n] }, { GroupAdd: ['0', '2147483647'] }],
    [{ supplementalGroups: [1n, -1n] }, /^InvalidArgument: context\.supplemental_groups must be between/],
  ],
  supplementalGroupsPolicy: [
    [{ supplementalGroupsPolicy: Policy.Merge, runAsUser: USER }, { User: '1000' }],
    [{ supplementalGroupsPolicy: Policy.Strict, runAsUser: USER, runAsGroup: USER }, { User: '1000:1000' }],
    [{ supplementalGroupsPolicy: 2 as Policy }, /^InvalidArgument: .*supplemental_groups_policy is unknown: 2/],
  ],
};

/** Where the image was not asked. */
testFields(FIELDS, (given) => {
  const context = LinuxContainerSecurityContext.fromPartial(given);
  checkUser('context', context);
  const { user, groups } = containerUser(context, undefined);
  return { ...(user !== undefined && { User: user }), ...groups };
});

it('nothing said is the image’s own user', () => {
  expect(containerUser(undefined, undefined)).toEqual({ user: undefined, groups: {} });
  expect([userToLookUp(undefined), sandboxUser(undefined)]).toEqual([undefined, undefined]);
});

const merge = (given: Given) => LinuxContainerSecurityContext.fromPartial(given);
const strict = (given: Given) => merge({ ...given, supplementalGroupsPolicy: Policy.Strict });

it.each<[string, Context, string | undefined]>([
  ['nobody in particular', merge({}), undefined],
  ['root, whom Docker knows', merge({ runAsUser: ROOT }), undefined],
  ['root with a group', merge({ runAsUser: ROOT, runAsGroup: USER }), '0'],
  ['a number', merge({ runAsUser: USER }), '1000'],
  ['a number and a group, to merge others', merge({ runAsUser: USER, runAsGroup: USER }), '1000'],
  ['a name', merge({ runAsUsername: 'www' }), 'www'],
  ['the image’s own user, strictly', strict({}), ''],
  ['root, strictly', strict({ runAsUser: ROOT }), '0'],
  ['a number and a group, strictly: Docker does it', strict({ runAsUser: USER, runAsGroup: USER }), undefined],
  ['a name and a group, strictly', strict({ runAsUsername: 'www', runAsGroup: USER }), 'www'],
])('looks up %s', (_who, context, user) => {
  expect(userToLookUp(context)).toBe(user);
});

it.each([
  ['', '0'],
  ['app', 'app'],
  ['7', '7'],
  ['7:', '7'],
  ['app:staff', undefined],
  [':5', undefined],
])('of the image’s own user %j, %p is looked up', (own, user) => {
  expect(ownUser(own)).toBe(user);
});

describe('a user whom the image knows', () => {
  const account = { uid: 1000n, gid: 1001n, groups: [50_000n, 7n] };

  it.each<[string, Context, string, string[] | undefined]>([
    ['merged', merge({ runAsUser: USER }), '1000:1001', ['50000', '7']],
    ['merged with a group', merge({ runAsUser: USER, runAsGroup: ROOT }), '1000:0', ['50000', '7']],
    ['merged with others', merge({ runAsUser: USER, supplementalGroups: [7n, 8n] }), '1000:1001', ['50000', '7', '8']],
    ['by name', merge({ runAsUsername: 'www' }), '1000:1001', ['50000', '7']],
    ['strictly', strict({ runAsUser: USER }), '1000:1001', undefined],
    ['strictly with others', strict({ runAsUser: USER, supplementalGroups: [8n] }), '1000:1001', ['8']],
    ['strictly with a group', strict({ runAsUsername: 'www', runAsGroup: ROOT }), '1000:0', undefined],
  ])('%s', (_how, context, user, groups) => {
    expect(containerUser(context, account)).toEqual({ user, groups: groups === undefined ? {} : { GroupAdd: groups } });
  });
});

it('a sandbox’s user has no groups but those said when they are strict', () => {
  expect(sandboxUser(merge({ runAsUser: USER }))).toBe('1000');
  expect(sandboxUser(strict({ runAsUser: USER }))).toBe('1000:0');
  expect(sandboxUser(strict({ runAsUser: USER, runAsGroup: USER }))).toBe('1000:1000');
  expect(sandboxUser(strict({}))).toBeUndefined();
});
