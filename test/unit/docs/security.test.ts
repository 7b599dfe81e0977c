import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** The table's rows, as their cells. */
const ROWS = [...PAGE.matchAll(/^\| (.*) \|$/gm)]
  .map(([, row = '']) => row.split(' | '))
  .filter(([weakness = '']) => /^(CVE|GHSA)-/.test(weakness));

it('names each weakness once', () => {
  const named = ROWS.flatMap(([weaknesses = '']) => weaknesses.split(', '));
  expect(named).toHaveLength(29);
  expect(named.filter((name) => !/^(CVE-\d{4}-\d+|GHSA(-\w{4}){3})$/.test(name))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});

it('says of few that there is no code for them to be in', () => {
  expect(ROWS.filter(([, , , shownBy]) => shownBy === 'no code').map(([weaknesses]) => weaknesses)).toEqual([
    'CVE-2022-23648',
    'CVE-2017-1002101, CVE-2025-47290',
    'CVE-2024-21626',
    'CVE-2025-31133, CVE-2025-52565, CVE-2025-52881',
  ]);
});

it.each(ROWS)('%s: %s. What shows that it is not so here is there', (_weaknesses, _wrong, _here, shownBy = '') => {
  if (shownBy === 'no code') return;
  const files = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  expect(shownBy).toBe(files.map((file) => `\`${file}\``).join(', '));
  expect(files).not.toEqual([]);
  for (const file of files) {
    expect(file).toMatch(/^(test|src)\/.*\.ts$/);
    expect(existsSync(join(ROOT, file))).toBe(true);
  }
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
