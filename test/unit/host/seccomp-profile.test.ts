import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readSeccompProfile } from '../../../src/host/seccomp-profile';
import { refusalOf } from '../../support/refusal';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

it('is one line of JSON with all that was in the file, what only Docker knows too', async () => {
  const profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64' }],
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'], minKernel: '4.8' } }],
  };
  writeFileSync(root.path('profile.json'), JSON.stringify(profile, null, 2));
  await expect(readSeccompProfile(root.path('profile.json'))).resolves.toBe(JSON.stringify(profile));
});

it('numbers and strings stay as they are written', async () => {
  const args = '[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]';
  const rule = `{"names":["a \\" b"],"action":"SCMP_ACT_ERRNO","comment":"two  blanks","args":${args}}`;
  writeFileSync(root.path('profile.json'), `{ "defaultAction" : "SCMP_ACT_ALLOW",\n\t"syscalls": [ ${rule} ] }\n`);
  await expect(readSeccompProfile(root.path('profile.json'))).resolves.toBe(
    `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[${rule}]}`,
  );
});

it('a profile without rules stays one', async () => {
  writeFileSync(root.path('profile.json'), '{ "defaultAction": "SCMP_ACT_KILL" }');
  await expect(readSeccompProfile(root.path('profile.json'))).resolves.toBe('{"defaultAction":"SCMP_ACT_KILL"}');
});

it('a link to one is followed', async () => {
  writeFileSync(root.path('profile.json'), '{}');
  symlinkSync('profile.json', root.path('link'));
  await expect(readSeccompProfile(root.path('link'))).resolves.toBe('{}');
});

it.each<[string, (path: string) => void, RegExp]>([
  ['a missing file', () => undefined, /ENOENT/],
  ['no JSON', (path) => writeFileSync(path, 'allow all'), /JSON/],
  ['an empty file', (path) => writeFileSync(path, ''), /JSON/],
  ['a list', (path) => writeFileSync(path, '[]'), /no JSON object/],
  ['null', (path) => writeFileSync(path, 'null'), /no JSON object/],
  ['a word', (path) => writeFileSync(path, '"SCMP_ACT_ALLOW"'), /no JSON object/],
  ['a file that is too long', (path) => writeFileSync(path, ' '.repeat(1024 * 1024 + 1)), /it has 1048577 bytes/],
  ['a directory', (path) => mkdirSync(path), /no file/],
  ['a pipe', (path) => execFileSync('mkfifo', [path]), /no file/],
  ['a device', (path) => symlinkSync('/dev/zero', path), /no file/],
])('%s is refused', async (_what, make, why) => {
  make(root.path('profile'));
  const sentence = await refusalOf(readSeccompProfile(root.path('profile')));
  expect(sentence).toMatch(/^InvalidArgument: seccomp profile \/.*\/profile cannot be used: /);
  expect(sentence).toMatch(why);
});
