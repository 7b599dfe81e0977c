import { limitedHugepageSizes, pageSize, withReserved } from '../../../../src/host/cgroup/hugepages';

it.each([
  ['hugepages-64kB', '64KB'],
  ['hugepages-2048kB', '2MB'],
  ['hugepages-32768kB', '32MB'],
  ['hugepages-1048576kB', '1GB'],
  ['hugepages-16777216kB', '16GB'],
  ['uevent', undefined],
])('%s is %s', (directory, size) => {
  expect(pageSize(directory)).toBe(size);
});

it('of this host there are some or none', async () => {
  for (const size of await limitedHugepageSizes()) expect(size).toMatch(/^\d+[KMG]B$/);
});

describe('limits of huge pages', () => {
  it('are of what is reserved too', () => {
    expect(withReserved({ 'hugetlb.2MB.max': '0', 'memory.high': '1' })).toEqual({
      'hugetlb.2MB.max': '0',
      'hugetlb.2MB.rsvd.max': '0',
      'memory.high': '1',
    });
    expect(withReserved({ 'hugetlb.1GB.limit_in_bytes': '4' })).toEqual({
      'hugetlb.1GB.limit_in_bytes': '4',
      'hugetlb.1GB.rsvd.limit_in_bytes': '4',
    });
  });

  it('leave what is asked for itself as it is', () => {
    const asked = { 'hugetlb.2MB.rsvd.max': 'max', 'hugetlb.2MB.max': '0' };
    expect(withReserved(asked)).toEqual(asked);
  });
});
