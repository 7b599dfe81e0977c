import { NamespaceMode, type NamespaceOption } from '../../generated/runtime/v1/api';
import { invalid } from './checks';

/** What Kubernetes calls namespaced: a pod has its own of these, all others are the node's. */
const OF_NETWORK = /^net[./]/;
const OF_IPC = /^(kernel[./](shm|msg)[^./]*|kernel[./]sem|fs[./]mqueue[./].*)$/;

/**
 * @throws ShimError InvalidArgument for a sysctl of the node's, and for a name or value that is more than one: runtimes
 * have taken `+` and line ends in a value for the next setting (CVE-2022-0811).
 */
export function checkSysctls(
  sysctls: Readonly<Record<string, string>>,
  namespaces: Pick<NamespaceOption, 'network' | 'ipc'> | undefined,
): void {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!/^[a-zA-Z0-9_-]+([./][a-zA-Z0-9_*-]+)+$/.test(name)) {
      throw invalid('linux.sysctls', `has no proper name in ${JSON.stringify(name)}`);
    }
    if (!/^[^\u0000-\u0008\u000a-\u001f\u007f+]*$/.test(value)) {
      throw invalid(`linux.sysctls ${name}`, `has a character that a sysctl can't have: ${JSON.stringify(value)}`);
    }
    checkOwner(name, namespaces);
  }
}

function checkOwner(name: string, namespaces: Pick<NamespaceOption, 'network' | 'ipc'> | undefined): void {
  const ofNetwork = OF_NETWORK.test(name);
  if (!ofNetwork && !OF_IPC.test(name)) {
    throw invalid(
      `linux.sysctls ${name}`,
      "is the whole node's: a pod has net.*, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*",
    );
  }
  if ((ofNetwork ? namespaces?.network : namespaces?.ipc) !== NamespaceMode.NODE) return;
  throw invalid(`linux.sysctls ${name}`, `cannot be set in the node's ${ofNetwork ? 'network' : 'IPC'} namespace`);
}
