import { limitedHugepageSizes, pageSize } from '../../../../src/host/cgroup/hugepages';

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
