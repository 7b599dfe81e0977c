import { addressesOf, convertResult } from '../../../../../src/network/cni/plugins/result';

const NEW = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24', gateway: '10.0.0.1' }, { address: 'fd00::2/64' }] };
const MIDDLE = {
  cniVersion: '0.4.0',
  ips: [
    { version: '4', address: '10.0.0.2/24', gateway: '10.0.0.1' },
    { version: '6', address: 'fd00::2/64' },
  ],
};
const OLD = { cniVersion: '0.2.0', ip4: { ip: '10.0.0.2/24', gateway: '10.0.0.1' }, ip6: { ip: 'fd00::2/64' } };

describe('a result in the form of another version', () => {
  it.each([
    ['0.4.0 in 1.0.0', MIDDLE, '1.0.0', NEW],
    ['1.0.0 in 0.4.0', NEW, '0.4.0', MIDDLE],
    ['1.0.0 in 1.1.0', NEW, '1.1.0', { ...NEW, cniVersion: '1.1.0' }],
    ['0.2.0 in 1.0.0', OLD, '1.0.0', NEW],
    ['0.2.0 in 0.4.0', OLD, '0.4.0', MIDDLE],
  ])('%s', (_, result, version, converted) => {
    expect(convertResult(result, version)).toEqual(converted);
  });

  it('keeps what it does not know', () => {
    const result = { ...MIDDLE, dns: { nameservers: ['10.0.0.10'] }, more: 1 };
    expect(convertResult(result, '1.0.0')).toMatchObject({ dns: { nameservers: ['10.0.0.10'] }, more: 1 });
    expect(convertResult(result, '0.4.0')).toBe(result);
  });
});

describe("a pod's addresses", () => {
  it.each([
    ['of each version', [NEW, MIDDLE, OLD], ['10.0.0.2', 'fd00::2']],
    [
      'come IPv4 first, otherwise in order, each once',
      [{ ips: ['fd00::2/64', '10.0.0.3/24', '10.0.0.2/24', '10.0.0.3/24'].map((address) => ({ address })) }],
      ['10.0.0.3', '10.0.0.2', 'fd00::2'],
    ],
    [
      'are those of its interface',
      [
        {
          interfaces: [{ name: 'cni0' }, { name: 'eth0' }],
          ips: [
            { interface: 0, address: '10.0.0.1/24' },
            { interface: 1, address: '10.0.0.2/24' },
          ],
        },
      ],
      ['10.0.0.2'],
    ],
    [
      'are those there are when none is of its interface',
      [{ interfaces: [{ name: 'net1' }], ips: [{ interface: 0, address: '10.0.0.2/24' }] }],
      ['10.0.0.2'],
    ],
    ['are none in rubbish', [{}, { ips: 7 }, { ips: [null, 1, {}, { address: 'x' }, { address: {} }] }], []],
  ])('%s', (_, results, addresses) => {
    for (const result of results) expect(addressesOf(result, 'eth0')).toEqual(addresses);
  });
});
