import { checkSysctls } from '../../../src/translate/sysctls';
import { refusal } from '../../support/refusal';

it.each([
  [{}],
  [{ 'net.core.somaxconn': '1024' }],
  [{ 'net/ipv4/ip_local_port_range': '1024 65535' }],
  [{ 'net.ipv4.ip_local_port_range': '1024\t65535' }],
  [{ 'net.ipv4.conf.eth0-1.forwarding': '1' }],
  [{ 'kernel.shm_rmid_forced': '' }],
])('takes %j', (sysctls) => {
  expect(() => checkSysctls(sysctls)).not.toThrow();
});

it.each(['', 'kernel', '.kernel', 'kernel.', 'kernel..x', 'kernel x', 'kernel.x=1', 'kernel.x\n', '../kernel.x'])(
  'the name %j is refused',
  (name) => {
    expect(refusal(() => checkSysctls({ [name]: '1' }))).toBe(
      `InvalidArgument: linux.sysctls has no proper name in ${JSON.stringify(name)}`,
    );
  },
);

it.each(['1+2', '1\n', '\n1', '1\0', '1\r', '\u007f'])('the value %j is refused', (value) => {
  const sysctls = { 'net.core.somaxconn': '1', 'kernel.shm_rmid_forced': value };
  expect(refusal(() => checkSysctls(sysctls))).toMatch(
    /^InvalidArgument: linux\.sysctls kernel\.shm_rmid_forced has a/,
  );
});
