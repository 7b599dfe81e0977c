import { SELinuxOption } from '../../../../generated/runtime/v1/api';
import {
  checkSelinux,
  memberSelinuxOptions,
  selinuxLevel,
  selinuxOptions,
} from '../../../../src/translate/security/selinux';
import { testFields, type FieldTable } from '../../../support/field-table';

type Given = Parameters<typeof SELinuxOption.fromPartial>[0];

const FIELDS: FieldTable<SELinuxOption, Given, string[]> = {
  user: [
    [{ user: 'system_u' }, ['label=user:system_u']],
    [{ user: 'system_u:root' }, /^InvalidArgument: selinux_options\.user has no SELinux user in "system_u:root"/],
  ],
  role: [
    [{ role: 'system_r' }, ['label=role:system_r']],
    [{ role: 'a b' }, /^InvalidArgument: selinux_options\.role/],
  ],
  type: [
    [{ type: 'svirt_t' }, ['label=type:svirt_t']],
    [{ type: 'spc_t\n' }, /^InvalidArgument: selinux_options\.type/],
  ],
  level: [
    [{ level: 's0:c1,c2' }, ['label=level:s0:c1,c2']],
    [{ level: 's0-s15:c0.c1023' }, ['label=level:s0-s15:c0.c1023']],
    [{ level: 's0 disable' }, /^InvalidArgument: selinux_options\.level has no SELinux level in "s0 disable"/],
  ],
};

testFields(FIELDS, (given) => {
  const options = SELinuxOption.fromPartial(given);
  checkSelinux('selinux_options', options);
  return selinuxOptions(options);
});

it('none is no option and no error', () => {
  expect(() => checkSelinux('selinux_options', undefined)).not.toThrow();
  expect(selinuxOptions(undefined)).toEqual([]);
  expect(selinuxOptions(SELinuxOption.fromPartial({}))).toEqual([]);
});

it.each<[string, Given, string, string[]]>([
  ['without a level of its own', { type: 'spc_t' }, 's0:c1,c2', ['label=type:spc_t', 'label=level:s0:c1,c2']],
  ['with one', { type: 'spc_t', level: 's0' }, 's0:c1,c2', ['label=type:spc_t', 'label=level:s0']],
  ['without any options: Docker gives it the label of the sandbox', {}, 's0:c1,c2', []],
  ['in a pod without a label', { type: 'spc_t' }, '', ['label=type:spc_t']],
])('a container %s', (_what, given, level, options) => {
  expect(memberSelinuxOptions(SELinuxOption.fromPartial(given), level)).toEqual(options);
});

it.each([
  ['system_u:system_r:container_t:s0:c82,c481', 's0:c82,c481'],
  ['system_u:system_r:container_t:s0', 's0'],
  ['system_u:system_r:container_t', ''],
  ['', ''],
  [undefined, ''],
])('the level in %j', (label, level) => {
  expect(selinuxLevel(label)).toBe(level);
});
