import { setScopeProperties, systemdProperties } from '../../../../src/host/cgroup/systemd-scope';
import { refusalOf } from '../../../support/refusal';

it.each<[Record<string, string>, string[]]>([
  [{}, []],
  [{ 'memory.high': '4096', 'memory.swap.max': '0' }, ['MemoryHigh=4096', 'MemorySwapMax=0']],
  [{ 'memory.high': 'max' }, ['MemoryHigh=infinity']],
  [{ 'cpuset.cpus': '0-3,8' }, ['AllowedCPUs=0-3,8']],
  // Nothing that systemd knows.
  [{ 'memory.oom.group': '1', 'hugetlb.2MB.max': '0', 'io.max': '8:0 rbps=1' }, []],
  // Nothing that both understand alike.
  [{ 'memory.high': '50%', 'memory.low': '4K', 'cpu.weight': '-1', 'pids.max': '' }, []],
])('%j is for systemd %j', (files, properties) => {
  expect(systemdProperties(files)).toEqual(properties);
});

it('is refused with what cannot be set', async () => {
  expect(await refusalOf(setScopeProperties('docker-no-such.scope', ['MemoryHigh=1']))).toMatch(
    /^FailedPrecondition: systemd cannot set MemoryHigh=1: /,
  );
});
