import { ipv4Addresses, ipv6Addresses, namespaceAddresses } from '../../../../src/network/cni/namespace-addresses';

/** Of a namespace with eth0 (10.88.0.7/24, 10.99.0.3/32, fd88::7/64) and a second network on net1. */
const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 0.0.0.0/4 2 0 2
        |-- 0.0.0.0
           /0 universe UNICAST
        +-- 10.64.0.0/10 2 0 2
           +-- 10.88.0.0/24 2 0 2
              +-- 10.88.0.0/29 2 0 2
                 |-- 10.88.0.0
                    /24 link UNICAST
                 |-- 10.88.0.7
                    /32 host LOCAL
              |-- 10.88.0.255
                 /32 link BROADCAST
           |-- 10.99.0.3
              /32 link UNICAST
              /32 host LOCAL
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 192.168.5.0/24 2 0 2
           |-- 192.168.5.2
              /32 host LOCAL
Local:
  +-- 0.0.0.0/0 3 0 5
                 |-- 10.88.0.7
                    /32 host LOCAL
           |-- 192.168.5.2
              /32 host LOCAL
`;

const ROUTE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
net1\t00000000\t0105A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
net1\t0000630A\t0105A8C0\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t0000580A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
net1\t0005A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

const IF_INET6 = `fd990000000000000000000000000007 05 40 00 c0     net1
fd880000000000000000000000000007 03 40 00 c0     eth0
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000070c11bfffed0dd94 03 40 20 c0     eth0
`;

it("finds an interface's own IPv4 addresses, once each", () => {
  expect(ipv4Addresses(FIB_TRIE, ROUTE, 'eth0')).toEqual(['10.88.0.7', '10.99.0.3']);
});

it('finds them where nothing but loopback has a route: a pod that talks to its gateway alone', () => {
  expect(ipv4Addresses(FIB_TRIE, '', 'eth0')).toEqual(['10.88.0.7', '10.99.0.3', '192.168.5.2']);
});

it('finds the global IPv6 addresses, written as everybody writes them', () => {
  expect(ipv6Addresses(IF_INET6, 'eth0')).toEqual(['fd88::7']);
  expect(ipv6Addresses(IF_INET6, 'net1')).toEqual(['fd99::7']);
});

it.each([[''], ['rubbish'], ['\n\n']])('finds nothing in %j', (text) => {
  expect(ipv4Addresses(text, text, 'eth0')).toEqual([]);
  expect(ipv6Addresses(text, 'eth0')).toEqual([]);
});

it('finds nothing where no process is', () => {
  expect(namespaceAddresses(0, 'eth0')).toEqual([]);
  expect(namespaceAddresses(2 ** 30, 'eth0')).toEqual([]);
});
