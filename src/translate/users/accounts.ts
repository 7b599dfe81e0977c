/** Who a user is to an image: by its /etc/passwd and /etc/group, as Docker reads them. */
export interface Account {
  readonly uid: bigint;
  /** Of the user's own group: 0 for a number that /etc/passwd does not have. */
  readonly gid: bigint;
  /** Of the groups that name the user as a member. */
  readonly groups: readonly bigint[];
}

const NUMBER = /^\d{1,10}$/;

/**
 * Finds a user by name or number; a name of digits is looked for as a name first. Lines that make no sense are passed
 * over, which is what Docker does.
 * @returns undefined for a name that is not there
 */
export function findAccount(passwd: string, group: string, user: string): Account | undefined {
  const entry = entries(passwd).find(([name, , uid]) => name === user || (NUMBER.test(user) && sameNumber(uid, user)));
  if (entry === undefined) return NUMBER.test(user) ? { uid: BigInt(user), gid: 0n, groups: [] } : undefined;
  const [name = '', , uid = '', gid = ''] = entry;
  return { uid: numberOf(uid), gid: numberOf(gid), groups: groupsOf(group, name) };
}

function groupsOf(group: string, member: string): bigint[] {
  const named = entries(group).filter(([, , gid = '', members = '']) => NUMBER.test(gid) && hasMember(members, member));
  return [...new Set(named.map(([, , gid = '']) => BigInt(gid)))];
}

function hasMember(members: string, member: string): boolean {
  return members.split(',').some((name) => name.trim() === member);
}

function entries(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':').map((part) => part.trim()));
}

function sameNumber(field: string | undefined, number: string): boolean {
  return field !== undefined && NUMBER.test(field) && BigInt(field) === BigInt(number);
}

function numberOf(field: string): bigint {
  return NUMBER.test(field) ? BigInt(field) : 0n;
}
