import { openFilesLimit } from '../../../../src/stats/details/open-files-limit';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 524288               files
`;

test.each([
  [LIMITS, 1024n],
  [LIMITS.replace('1024 ', 'unlimited '), undefined],
  ['', undefined],
  [undefined, undefined],
])('%#', (text, limit) => {
  expect(openFilesLimit(text)).toBe(limit);
});
