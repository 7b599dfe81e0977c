import { SupplementalGroupsPolicy, type Int64Value } from '../../generated/runtime/v1/api';
import type { HostConfig } from '../docker/types';
import { checkNoControl, checkUserId, invalid, unimplemented } from './checks';

/** Who a process is: the same in containers and, but for the name, in sandboxes. */
export interface UserFields {
  readonly runAsUser: Int64Value | undefined;
  readonly runAsGroup: Int64Value | undefined;
  readonly runAsUsername?: string;
  readonly supplementalGroups: readonly bigint[];
  readonly supplementalGroupsPolicy: SupplementalGroupsPolicy;
}

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
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
  if (runAsUser) throw invalid(field, 'can not be given together with run_as_user');
  checkNoControl(field, runAsUsername);
  if (/[:\s]/.test(runAsUsername)) throw invalid(field, `has no user name in ${JSON.stringify(runAsUsername)}`);
  if (/^\d+$/.test(runAsUsername)) checkUserId(field, BigInt(runAsUsername));
}

/**
 * Docker adds the groups that the image's /etc/group gives a user, unless the user's own group is named: then it adds
 * none, which is Strict.
 */
function checkPolicy(field: string, { supplementalGroupsPolicy: policy, runAsGroup }: UserFields): void {
  if (SupplementalGroupsPolicy[policy] === undefined) throw invalid(field, `is unknown: ${policy}`);
  if (policy === SupplementalGroupsPolicy.Strict && !runAsGroup) {
    throw unimplemented(
      field,
      "Strict needs run_as_group: for a user alone Docker adds the groups of the image's /etc/group",
    );
  }
}

/** Docker's `user[:group]`, or nothing for the image's own user. */
export function dockerUser(fields: UserFields | undefined): string | undefined {
  const user = fields?.runAsUser?.value.toString() ?? fields?.runAsUsername ?? '';
  if (user === '') return undefined;
  return fields?.runAsGroup ? `${user}:${fields.runAsGroup.value}` : user;
}

export function supplementalGroups(fields: UserFields | undefined): Pick<HostConfig, 'GroupAdd'> {
  const groups = fields?.supplementalGroups ?? [];
  return groups.length === 0 ? {} : { GroupAdd: groups.map(String) };
}
