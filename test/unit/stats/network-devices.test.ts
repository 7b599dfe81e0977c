import { parseNetworkDevices } from '../../../src/stats/network-devices';

const TEXT = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0: 18446744073709551615 11 12 13 14 15 16 17 21 22 23 24 25 26 27 28
veth1@if2:806      11    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;

const NOTHING = {
  rxBytes: 0n,
  rxPackets: 0n,
  rxErrors: 0n,
  rxDropped: 0n,
  txBytes: 0n,
  txPackets: 0n,
  txErrors: 0n,
  txDropped: 0n,
};

test('every interface but loopback', () => {
  expect(parseNetworkDevices(TEXT)).toEqual([
    {
      name: 'eth0',
      rxBytes: 18446744073709551615n,
      rxPackets: 11n,
      rxErrors: 12n,
      rxDropped: 13n,
      txBytes: 21n,
      txPackets: 22n,
      txErrors: 23n,
      txDropped: 24n,
    },
    { name: 'veth1@if2', ...NOTHING, rxBytes: 806n, rxPackets: 11n },
  ]);
});

test.each(['', 'eth0:', 'eth0: 1 2 3', 'eth0: x y z'])('nothing out of %j', (text) => {
  expect(parseNetworkDevices(text)).toEqual([]);
});
