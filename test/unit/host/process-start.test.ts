import { parseProcessStart, processStart } from '../../../src/host/process-start';

const FIELDS = 'S 576 596 596 0 -1 4194560 969 0 1 0 1 1 0 0 20 0 1 0 295508 2322432 332 1844';

test.each([
  ['a plain name', `596 (sleep) ${FIELDS}\n`, '295508'],
  ['a name that looks like the end', `596 (a) S 1 (b)) ${FIELDS}\n`, '295508'],
  ['nothing', '', undefined],
])('%s', (_what, stat, start) => {
  expect(parseProcessStart(stat)).toBe(start);
});

test('this process has a start, which stays the same', () => {
  expect(processStart(process.pid)).toMatch(/^\d+$/);
  expect(processStart(process.pid)).toBe(processStart(process.pid));
});
