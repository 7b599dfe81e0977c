import type { HugepageLimit } from '../../../generated/runtime/v1/api';
import { LinuxContainerResources } from '../../../generated/runtime/v1/api';
import { cgroupFiles, checkCgroupFiles, parseCgroupFiles } from '../../../src/translate/cgroup-files';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

type Given = Parameters<typeof LinuxContainerResources.fromPartial>[0];

const V1 = { cgroupV2: false, hugepageSizes: ['2MB', '1GB'] };
const V2 = { ...V1, cgroupV2: true };

function translate(given: Given, abilities = V2): Readonly<Record<string, string>> {
  const resources = LinuxContainerResources.fromPartial(given);
  checkCgroupFiles('r', resources, abilities);
  return cgroupFiles(resources, abilities);
}

describe('a limit of huge pages', () => {
  type GivenLimit = Parameters<typeof HugepageLimit.fromPartial>[0];

  const LIMIT: FieldTable<HugepageLimit, GivenLimit, object> = {
    pageSize: [
      [{ pageSize: '1GB', limit: 1n }, { 'hugetlb.1GB.max': '1' }],
      [{ pageSize: '16GB', limit: 1n }, /^Unimplemented: r\.hugepage_limits: this host cannot limit pages of 16GB$/],
      [{ pageSize: '16GB', limit: 0n }, {}],
      [{ pageSize: '../x', limit: 0n }, /^InvalidArgument: r\.hugepage_limits has no page size like 2MB in "\.\.\/x"/],
    ],
    limit: [
      [{ pageSize: '2MB', limit: 0n }, { 'hugetlb.2MB.max': '0' }],
      [{ pageSize: '2MB', limit: 2n ** 64n - 1n }, { 'hugetlb.2MB.max': '18446744073709551615' }],
    ],
  };

  testFields(LIMIT, (limit) => translate({ hugepageLimits: [limit] }));

  it('has another file in cgroup v1', () => {
    expect(translate({ hugepageLimits: [{ pageSize: '2MB', limit: 4n }] }, V1)).toEqual({
      'hugetlb.2MB.limit_in_bytes': '4',
    });
  });
});

describe('unified', () => {
  it('is the names and values of files', () => {
    const unified = { 'memory.high': '1', 'cpu.weight.nice': '-3' };
    expect(translate({ unified })).toEqual(unified);
  });

  it.each(['../memory.high', 'memory', '/memory.high', 'memory.high\n', ''])('has no file in %j', (file) => {
    expect(refusal(() => translate({ unified: { [file]: '1' } }))).toBe(
      `InvalidArgument: r.unified has no cgroup file in ${JSON.stringify(file)}`,
    );
  });

  it('is refused on a host of cgroup v1', () => {
    expect(refusal(() => translate({ unified: { 'memory.oom.group': '1' } }, V1))).toMatch(
      /^Unimplemented: r\.unified: memory\.oom\.group needs a host with cgroup v2/,
    );
  });
});

it.each([V1, V2])('come back as they went in: %j', (abilities) => {
  const hugepageLimits = [
    { pageSize: '2MB', limit: 4n },
    { pageSize: '1GB', limit: 0n },
  ];
  const unified = abilities.cgroupV2 ? { 'memory.high': '1' } : {};
  expect(parseCgroupFiles(translate({ hugepageLimits, unified }, abilities))).toEqual({ hugepageLimits, unified });
});

it('no limit is none', () => {
  expect(parseCgroupFiles({ 'hugetlb.2MB.max': 'max' })).toEqual({
    hugepageLimits: [],
    unified: { 'hugetlb.2MB.max': 'max' },
  });
  expect(cgroupFiles(undefined, V2)).toEqual({});
});
