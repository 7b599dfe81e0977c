import { parseCpuV2, parseMemoryV2, parseSwapV2 } from '../../../src/stats/cgroup-v2';

/** As kernel 6.1 writes it, shortened. */
const STAT = `anon 405811200
file 1312956416
kernel 5177344
kernel_stack 131072
sock 0
shmem 9084928
swapcached 0
inactive_anon 399200256
active_anon 1630208
inactive_file 399015936
active_file 904871936
workingset_refault_anon 0
pgscan 0
pgfault 67526658
pgmajfault 10566
`;

test('CPU time in microseconds becomes nanoseconds', () => {
  expect(parseCpuV2('usage_usec 16012345\nuser_usec 9000000\nsystem_usec 7012345\n')).toBe(16_012_345_000n);
  expect(parseCpuV2(undefined)).toBeUndefined();
});

describe('memory', () => {
  const files = { current: '1718767616\n', max: '2000000000\n', stat: STAT };

  test('is read out of its files', () => {
    expect(parseMemoryV2(files)).toEqual({
      usage: 1_718_767_616n,
      inactiveFile: 399_015_936n,
      rss: 405_811_200n,
      pageFaults: 67_526_658n,
      majorPageFaults: 10_566n,
      limit: 2_000_000_000n,
    });
  });

  test('"max" is no limit', () => {
    expect(parseMemoryV2({ ...files, max: 'max\n' })).toMatchObject({ limit: undefined });
  });

  test.each(['current', 'stat'] as const)('is unknown without %s', (file) => {
    expect(parseMemoryV2({ ...files, [file]: undefined })).toBeUndefined();
  });
});

test.each([
  ['8192\n', '1048576\n', { usage: 8192n, limit: 1_048_576n }],
  ['0\n', 'max\n', { usage: 0n, limit: undefined }],
  ['0\n', '0\n', { usage: 0n, limit: 0n }],
  [undefined, undefined, undefined],
])('swap: %j of %j', (current, max, account) => {
  expect(parseSwapV2(current, max)).toEqual(account);
});
