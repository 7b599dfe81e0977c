import { SupplementalGroupsPolicy, type Int64Value } from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../docker/types';
import { checkNoControl, checkUserId, invalid } from '../checks';
import type { Account } from './accounts';

/** Who a process is: the same in containers and, but for the name, in sandboxes. */
export interface UserFields {
  readonly runAsUser: Int64Value | undefined;
  readonly runAsGroup: Int64Value | undefined;
  readonly runAsUsername?: string;
  readonly supplementalGroups: readonly bigint[];
  readonly supplementalGroupsPolicy: SupplementalGroupsPolicy;
}

/** @throws ShimError InvalidArgument, naming the field. */
export function checkUser(field: string, user: UserFields): void {
  if (user.runAsUser) checkUserId(`${field}.run_as_user`, user.runAsUser.value);
  checkUsername(`${field}.run_as_username`, user);
  if (user.runAsGroup) {
    checkUserId(`${field}.run_as_group`, user.runAsGroup.value);
    if (!user.runAsUser && !user.runAsUsername) {
      throw invalid(`${field}.run_as_group`, 'needs run_as_user or run_as_username beside it');
    }
  }
  for (const group of user.supplementalGroups) checkUserId(`${field}.supplemental_groups`, group);
  checkPolicy(`${field}.supplemental_groups_policy`, user);
}

/** What follows a colon would be a group to Docker, and digits a user id of any size. */
function checkUsername(field: string, { runAsUser, runAsUsername = '' }: UserFields): void {
  if (runAsUsername === '') return;
  if (runAsUser) throw invalid(field, 'cannot be given together with run_as_user');
  checkNoControl(field, runAsUsername);
  if (/[:\s]/.test(runAsUsername)) throw invalid(field, `has no user name in ${JSON.stringify(runAsUsername)}`);
  if (/^\d+$/.test(runAsUsername)) checkUserId(field, BigInt(runAsUsername));
}

function checkPolicy(field: string, { supplementalGroupsPolicy: policy }: UserFields): void {
  if (SupplementalGroupsPolicy[policy] === undefined) throw invalid(field, `is unknown: ${policy}`);
}

/**
 * The user who must be looked up in the image, by name or number; an empty string stands for the image's own. Undefined
 * where Docker does what is asked without help, and ContainerStatus can tell a number: for root it merges the image's
 * groups.
 */
export function userToLookUp(fields: UserFields | undefined): string | undefined {
  const user = givenUser(fields);
  if (fields?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict) {
    return fields.runAsUser && fields.runAsGroup ? undefined : user;
  }
  return user === '' || (user === '0' && !fields?.runAsGroup) ? undefined : user;
}

/** The user in an image's own `user[:group]`; undefined when it names a group: then Docker merges none, as asked. */
export function ownUser(user: string): string | undefined {
  const [name = '', group = ''] = user.split(':');
  return group === '' ? name || '0' : undefined;
}

/**
 * A container's `user:group` and the groups beside it. Docker adds the groups that the image's /etc/group gives a user,
 * unless the user's own group is named: then it adds none, which is Strict; for Merge they are named here.
 */
export function containerUser(
  fields: UserFields | undefined,
  account: Account | undefined,
): { readonly user: string | undefined; readonly groups: Pick<HostConfig, 'GroupAdd'> } {
  if (account === undefined) return { user: dockerUser(fields), groups: supplementalGroups(fields) };
  const gid = fields?.runAsGroup?.value ?? account.gid;
  const merged = fields?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Merge ? account.groups : [];
  const groups = [...new Set([...merged, ...(fields?.supplementalGroups ?? [])])];
  return { user: `${account.uid}:${gid}`, groups: groupAdd(groups) };
}

/**
 * A sandbox's `user[:group]`, or nothing for the image's own user. A pause image has no /etc/passwd, so Docker gives
 * every user the group 0 there; naming that group makes it Strict.
 */
export function sandboxUser(fields: UserFields | undefined): string | undefined {
  const user = dockerUser(fields);
  const isStrict = fields?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict;
  return user !== undefined && isStrict && !fields.runAsGroup ? `${user}:0` : user;
}

export function supplementalGroups(fields: UserFields | undefined): Pick<HostConfig, 'GroupAdd'> {
  return groupAdd(fields?.supplementalGroups ?? []);
}

function groupAdd(groups: readonly bigint[]): Pick<HostConfig, 'GroupAdd'> {
  return groups.length === 0 ? {} : { GroupAdd: groups.map(String) };
}

/** Docker's `user[:group]`, or nothing for the image's own user. */
function dockerUser(fields: UserFields | undefined): string | undefined {
  const user = givenUser(fields);
  if (user === '') return undefined;
  return fields?.runAsGroup ? `${user}:${fields.runAsGroup.value}` : user;
}

function givenUser(fields: UserFields | undefined): string {
  return fields?.runAsUser?.value.toString() ?? fields?.runAsUsername ?? '';
}
