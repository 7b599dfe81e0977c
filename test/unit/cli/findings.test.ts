import { examine } from '../../../src/doctor/examine';
import { ok, problem, warning, worst } from '../../../src/doctor/finding';
import { report } from '../../../src/cli/findings';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const FINDINGS = [
  ok('engine', 'Docker 28'),
  problem('network', 'no CNI network is configured', 'install a pod network'),
];

it('draws a table, wrapped under its columns', () => {
  expect(report(FINDINGS, { width: 40, colours: false })).toBe(
    [
      'ok       engine   Docker 28',
      'problem  network  no CNI network is',
      '                  configured',
      '                  → install a pod',
      '                  network',
      '',
      '1 problem, 0 warnings.',
      '',
    ].join('\n'),
  );
});

it('colours levels where there are colours', () => {
  expect(report([ok('engine', 'x')], { width: 80, colours: true })).toContain('\u001b[32mok     \u001b[0m  engine');
});

it('says so when all is well', () => {
  expect(report([ok('engine', 'x')], { width: 80, colours: false })).toMatch(/\nAll is well\.\n$/);
});

it('knows the worst', () => {
  expect(worst([])).toBe('ok');
  expect(worst([ok('a', ''), warning('b', '', ''), ok('c', '')])).toBe('warning');
  expect(worst(FINDINGS)).toBe('problem');
});

it('goes on when a check fails', async () => {
  const ctx = { signal: new AbortController().signal, log: silentLog };
  const found = await examine(
    [
      { subject: 'a', examine: () => Promise.reject(new ShimError('PermissionDenied', 'not for you')) },
      { subject: 'b', examine: () => Promise.resolve([ok('b', 'fine')]) },
    ],
    ctx,
  );
  expect(found).toMatchObject([
    { subject: 'a', level: 'problem', says: "it can't be looked at: not for you" },
    { subject: 'b', level: 'ok' },
  ]);
});
