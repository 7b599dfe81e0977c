import { parseCount, parseKeyed } from '../../../src/stats/kernel-text';

test.each([
  ['0\n', 0n],
  ['18446744073709551615\n', 18446744073709551615n],
  ['max\n', undefined],
  ['', undefined],
  ['-1\n', undefined],
  [undefined, undefined],
])('a file with one number: %j', (text, count) => {
  expect(parseCount(text)).toBe(count);
});

describe('a file of keys and numbers', () => {
  const TEXT = 'total_rss 1\nrss 22\nrss_huge 333\nlast 4';

  test.each([
    ['total_rss', 1n],
    ['rss', 22n],
    ['rss_huge', 333n],
    ['last', 4n],
    ['huge', undefined],
    ['rss_', undefined],
    ['', undefined],
  ])('%s', (key, value) => {
    expect(parseKeyed(TEXT, key)).toBe(value);
  });

  test('an empty one', () => {
    expect(parseKeyed('', 'rss')).toBeUndefined();
  });
});
