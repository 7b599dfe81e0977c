import { writeFileSync } from 'node:fs';
import { requireAppArmorProfile } from '../../../src/host/app-armor';
import { refusal } from '../../support/refusal';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

function loaded(...lines: string[]): string {
  writeFileSync(root.path('profiles'), lines.map((line) => `${line}\n`).join(''));
  return root.path('profiles');
}

it.each(['docker-default', '/usr/bin/man', 'two words (really)', 'kept//null-x'])('%s is loaded', (name) => {
  const list = loaded(
    'docker-default (enforce)',
    '/usr/bin/man (complain)',
    'two words (really) (enforce)',
    'kept//null-x (kill)',
  );
  expect(() => requireAppArmorProfile(name, list)).not.toThrow();
});

it.each(['docker', 'docker-default (enforce)', 'Docker-default', ''])('%j is not', (name) => {
  expect(refusal(() => requireAppArmorProfile(name, loaded('docker-default (enforce)')))).toBe(
    `InvalidArgument: the AppArmor profile ${JSON.stringify(name)} is not loaded on this node: load it with apparmor_parser`,
  );
});

it('nothing is loaded', () => {
  expect(refusal(() => requireAppArmorProfile('mine', loaded()))).toMatch(/"mine" is not loaded/);
});

it('a list that cannot be read refuses nothing: the engine will', () => {
  expect(() => requireAppArmorProfile('mine', root.path('missing'))).not.toThrow();
});
