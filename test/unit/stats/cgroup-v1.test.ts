import { parseMemoryV1, parseSwapV1, type MemoryFilesV1 } from '../../../src/stats/cgroup-v1';

/** As kernel 6 writes it. The numbers without `total_` are of the cgroup without those below it. */
const STAT = `cache 9613312
rss 9216000
rss_huge 0
swap 4096
pgpgin 55319
pgpgout 50722
pgfault 52524
pgmajfault 3
inactive_anon 0
active_anon 1531904
inactive_file 8192
active_file 520192
unevictable 16769024
hierarchical_memory_limit 134217728
hierarchical_memsw_limit 9223372036854771712
total_cache 1312956416
total_rss 405811200
total_rss_huge 14680064
total_swap 8192
total_pgpgin 61939725
total_pgpgout 61577763
total_pgfault 67526658
total_pgmajfault 10566
total_inactive_anon 399200256
total_active_anon 1630208
total_inactive_file 399015936
total_active_file 904871936
total_unevictable 16769024
`;
const NO_LIMIT = '9223372036854771712\n';
const FILES: MemoryFilesV1 = {
  usage: '1718767616\n',
  limit: '2000000000\n',
  memoryAndSwapLimit: '3000000000\n',
  stat: STAT,
};

test('memory is that of the cgroup with all below it', () => {
  expect(parseMemoryV1(FILES)).toEqual({
    usage: 1_718_767_616n,
    inactiveFile: 399_015_936n,
    rss: 405_811_200n,
    pageFaults: 67_526_658n,
    majorPageFaults: 10_566n,
    limit: 2_000_000_000n,
  });
});

test.each([
  ['4 KiB pages', NO_LIMIT],
  ['64 KiB pages', '9223372036854710272\n'],
  ['no file', undefined],
])('the largest number is no limit: %s', (_what, limit) => {
  expect(parseMemoryV1({ ...FILES, limit })?.limit).toBeUndefined();
});

test.each(['usage', 'stat'] as const)('there is no memory without %s', (file) => {
  expect(parseMemoryV1({ ...FILES, [file]: undefined })).toBeUndefined();
});

describe('swap', () => {
  test('has what the common limit leaves over', () => {
    expect(parseSwapV1(FILES)).toEqual({ usage: 8192n, limit: 1_000_000_000n });
  });

  test.each([
    ['nothing is limited', { limit: NO_LIMIT, memoryAndSwapLimit: NO_LIMIT }],
    ['memory alone is', { memoryAndSwapLimit: NO_LIMIT }],
  ])('has no limit when %s', (_what, files) => {
    expect(parseSwapV1({ ...FILES, ...files })).toEqual({ usage: 8192n, limit: undefined });
  });

  test('is unknown where the kernel does not account it', () => {
    const stat = STAT.replace(/^.*swap.*\n/gm, '');

    expect(parseSwapV1({ ...FILES, stat, memoryAndSwapLimit: undefined })).toBeUndefined();
  });
});
