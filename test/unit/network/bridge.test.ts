import type { ContainerInspect, EndpointSettings } from '../../../src/docker/types';
import { BridgeNetwork } from '../../../src/network/bridge';

const network = new BridgeNetwork();

function addresses(Networks: Record<string, EndpointSettings | null> | null): Promise<string[]> {
  return network.addresses({ NetworkSettings: { Networks } } as unknown as ContainerInspect);
}

it.each<[string, Record<string, EndpointSettings | null> | null, string[]]>([
  ['one address', { bridge: { IPAddress: '172.17.0.2', GlobalIPv6Address: '' } }, ['172.17.0.2']],
  ['both kinds', { bridge: { GlobalIPv6Address: 'fd00::2', IPAddress: '172.17.0.2' } }, ['172.17.0.2', 'fd00::2']],
  ['IPv6 alone', { bridge: { IPAddress: '', GlobalIPv6Address: 'fd00::2' } }, ['fd00::2']],
  ["the host's network", { host: { IPAddress: '', GlobalIPv6Address: '' } }, []],
  ['a network without settings', { bridge: null }, []],
  ['no networks', {}, []],
  ['null', null, []],
])('a pod with %s', async (_what, networks, expected) => {
  await expect(addresses(networks)).resolves.toEqual(expected);
});

it('a pod of which nothing is known has no address', async () => {
  await expect(network.addresses({} as ContainerInspect)).resolves.toEqual([]);
});

it('is always ready', () => {
  expect(network.condition()).toEqual({ ready: true, reason: '', message: '' });
});
