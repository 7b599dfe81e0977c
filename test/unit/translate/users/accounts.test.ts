import { findAccount } from '../../../../src/translate/users/accounts';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  '# nobody:x:1:1::/:',
  '',
  'www:x:33:34::/:',
  '77:x:1077:2077::/:',
].join('\n');
const GROUP = [
  'root:x:0:',
  'wheel:x:10:root',
  'www:x:34:',
  'extra:x:50000:ann, www',
  'again:x:50000:www',
  'odd:x:many:www',
];

const find = (user: string) => findAccount(PASSWD, GROUP.join('\n'), user);

it.each([
  ['root', { uid: 0n, gid: 0n, groups: [10n] }],
  ['0', { uid: 0n, gid: 0n, groups: [10n] }],
  ['www', { uid: 33n, gid: 34n, groups: [50000n] }],
  ['33', { uid: 33n, gid: 34n, groups: [50000n] }],
  // Docker looks for the digits as a name first.
  ['77', { uid: 1077n, gid: 2077n, groups: [] }],
  ['4711', { uid: 4711n, gid: 0n, groups: [] }],
  ['1', { uid: 1n, gid: 0n, groups: [] }],
  ['nobody', undefined],
  ['', undefined],
])('%j is %p', (user, account) => {
  expect(find(user)).toEqual(account);
});

it('knows numbers alone where there are no files', () => {
  expect(findAccount('', '', '5')).toEqual({ uid: 5n, gid: 0n, groups: [] });
  expect(findAccount('', '', 'root')).toBeUndefined();
});

it('takes no number that the kernel would not', () => {
  expect(findAccount('a:x:99999999999:-1::/:', '', 'a')).toEqual({ uid: 0n, gid: 0n, groups: [] });
});
