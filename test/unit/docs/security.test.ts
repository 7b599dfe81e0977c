import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Weaknesses that runtimes and their engines have had. Each has a row that says why it can't happen here. */
const KNOWN = [
  'CVE-2017-1002101',
  'CVE-2020-15257',
  'CVE-2021-43816',
  'CVE-2022-0811',
  'CVE-2022-1708',
  'CVE-2022-4318',
  'CVE-2022-23471',
  'CVE-2022-23648',
  'CVE-2022-27652',
  'CVE-2022-31030',
  'CVE-2023-6476',
  'CVE-2024-3154',
  'CVE-2024-8676',
  'CVE-2024-21626',
  'CVE-2024-25621',
  'CVE-2024-40635',
  'CVE-2025-31133',
  'CVE-2025-47290',
  'CVE-2025-52565',
  'CVE-2025-52881',
  'CVE-2025-64329',
  'CVE-2026-15809',
  'CVE-2026-50195',
  'CVE-2026-53488',
  'CVE-2026-53489',
  'CVE-2026-53492',
  'GHSA-rg2x-37c3-w2rh',
  'GHSA-vp62-88p7-qqf5',
  'GHSA-x86f-5xw2-fm2r',
];

it('the page has every weakness that is known', () => {
  const named = PAGE.match(/\b(?:CVE-\d+-\d+|GHSA(?:-\w{4}){3})\b/g) ?? [];
  expect([...named].sort()).toEqual([...KNOWN].sort());
});

it('the tests that it names are there', () => {
  const named = PAGE.match(/\btest\/[\w/-]+\.test\.ts\b/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

it("two places use Docker's archive calls: mounts of images, and the users of images", () => {
  expect(sourcesWith(/\/archive\b|(get|put)Archive|infoArchive/)).toEqual(['docker/dockerode-engine.ts']);
  expect(sourcesWith(/\.findInContainer\(/)).toEqual(['container/prepare-mounts.ts']);
  expect(sourcesWith(/engine\.containerArchive\(/)).toEqual(['container/accounts/read-file.ts']);
});

function sourcesWith(text: RegExp): string[] {
  const files = readdirSync(join(ROOT, 'src'), { encoding: 'utf8', recursive: true });
  return files.filter((file) => file.endsWith('.ts') && text.test(readFileSync(join(ROOT, 'src', file), 'utf8')));
}
