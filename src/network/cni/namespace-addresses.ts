import { readKernelFile } from '../../host/kernel-file';

/**
 * The addresses of an interface in the network namespace of a process, as the kernel has them: IPv4 first, none of its
 * link alone. Read from /proc/[pid]/net, which takes no process and no change of namespace; none when the process has ended.
 */
export function namespaceAddresses(pid: number, ifName: string): string[] {
  // /proc/0 is nobody's: the container does not run.
  if (pid <= 0) return [];
  const read = (file: string): string => readKernelFile(`/proc/${pid}/net/${file}`) ?? '';
  return [...ipv4Addresses(read('fib_trie'), read('route'), ifName), ...ipv6Addresses(read('if_inet6'), ifName)];
}

/**
 * The local addresses in fib_trie: a line `|-- 10.1.0.7`, and among those after it `/32 host LOCAL`. It does not say whose
 * they are: those that another interface has a route to, as with a second network of the pod, are left out.
 * @param route /proc/net/route, where addresses and masks are numbers in the host's byte order
 */
export function ipv4Addresses(fibTrie: string, route: string, ifName: string): string[] {
  const leaves = [...fibTrie.matchAll(/\|-- ([\d.]+)\n((?: *\/.*\n)*)/g)];
  const found = leaves.flatMap(([, address = '', kinds = '']) => (kinds.includes('/32 host LOCAL\n') ? [address] : []));
  const others = connectedRoutes(route).filter(({ iface }) => iface !== ifName);
  const own = [...new Set(found)].filter((address) => !address.startsWith('127.'));
  return own.filter((address) => !others.some(({ network, mask }) => (numberOf(address) & mask) >>> 0 === network));
}

/** Lines of if_inet6: the address in hexadecimal, the interface's number, the prefix's length, scope, flags, and its name. */
export function ipv6Addresses(ifInet6: string, ifName: string): string[] {
  const GLOBAL_SCOPE = '00';
  return ifInet6.split('\n').flatMap((line) => {
    const [hex = '', , , scope, , name] = line.trim().split(/\s+/);
    if (name !== ifName || scope !== GLOBAL_SCOPE || hex.length !== 32) return [];
    return [shortened(hex.match(/.{4}/g)?.join(':') ?? '')];
  });
}

interface ConnectedRoute {
  readonly iface: string;
  readonly network: number;
  readonly mask: number;
}

/** The networks that interfaces are in themselves: not the default one, and none behind a gateway. */
function connectedRoutes(route: string): ConnectedRoute[] {
  const HEADING = 1;
  return route
    .split('\n')
    .slice(HEADING)
    .flatMap((line) => {
      const [iface, network, gateway, , , , , mask] = line.split(/\s+/);
      if (iface === undefined || network === undefined || mask === undefined) return [];
      if (gateway !== '00000000' || mask === '00000000') return [];
      return [{ iface, network: parseInt(network, 16), mask: parseInt(mask, 16) }];
    });
}

/** An IPv4 address as /proc/net/route has it: every machine that this runs on is little-endian. */
function numberOf(address: string): number {
  return Buffer.from(address.split('.').map(Number)).readUInt32LE();
}

/** An IPv6 address in the form that everybody writes, with `::` for its longest run of zeros. */
function shortened(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
