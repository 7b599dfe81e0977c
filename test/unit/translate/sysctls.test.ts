import { NamespaceMode } from '../../../generated/runtime/v1/api';
import { checkSysctls } from '../../../src/translate/sysctls';
import { refusal } from '../../support/refusal';

it.each([
  [{}],
  [{ 'net.core.somaxconn': '1024' }],
  [{ 'net/ipv4/ip_local_port_range': '1024 65535' }],
  [{ 'net.ipv4.ip_local_port_range': '1024\t65535' }],
  [{ 'net.ipv4.conf.eth0-1.forwarding': '1' }],
  [{ 'kernel.shm_rmid_forced': '' }],
  [{ 'kernel.shmmax': '1', 'kernel.msgmnb': '1', 'kernel.sem': '1 2 3 4', 'fs.mqueue.msg_max': '1' }],
])('takes %j', (sysctls) => {
  expect(() => checkSysctls(sysctls, undefined)).not.toThrow();
});

it.each(['', 'kernel', '.kernel', 'kernel.', 'kernel..x', 'kernel x', 'kernel.x=1', 'kernel.x\n', '../kernel.x'])(
  'the name %j is refused',
  (name) => {
    expect(refusal(() => checkSysctls({ [name]: '1' }, undefined))).toBe(
      `InvalidArgument: linux.sysctls has no proper name in ${JSON.stringify(name)}`,
    );
  },
);

it.each(['1+2', '1\n', '\n1', '1\0', '1\r', '\u007f'])('the value %j is refused', (value) => {
  const sysctls = { 'net.core.somaxconn': '1', 'kernel.shm_rmid_forced': value };
  expect(refusal(() => checkSysctls(sysctls, undefined))).toMatch(
    /^InvalidArgument: linux\.sysctls kernel\.shm_rmid_forced has a/,
  );
});

it.each([
  'kernel.core_pattern',
  'kernel/core_pattern',
  'vm.swappiness',
  'kernel.semaphore',
  'kernel.shm/../core_pattern',
  'kernel.hostname',
  'network.x',
  'fs.mqueues.x',
])('%s is the node’s', (name) => {
  expect(refusal(() => checkSysctls({ [name]: '1' }, undefined))).toMatch(/^InvalidArgument: linux\.sysctls/);
});

it.each([
  ['net.core.somaxconn', { network: NamespaceMode.NODE, ipc: NamespaceMode.POD }, 'network'],
  ['kernel.sem', { network: NamespaceMode.POD, ipc: NamespaceMode.NODE }, 'IPC'],
])('%s is the node’s where the pod has the node’s namespace', (name, namespaces, which) => {
  expect(refusal(() => checkSysctls({ [name]: '1' }, namespaces))).toBe(
    `InvalidArgument: linux.sysctls ${name} cannot be set in the node's ${which} namespace`,
  );
  const other = { network: namespaces.ipc, ipc: namespaces.network };
  expect(() => checkSysctls({ [name]: '1' }, other)).not.toThrow();
});
