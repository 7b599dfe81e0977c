import fc from 'fast-check';
import { DNSConfig } from '../../../generated/runtime/v1/api';
import { ShimError } from '../../../src/lib/errors';
import { checkDns, resolvConf } from '../../../src/translate/resolv-conf';
import { testFields, type FieldTable } from '../../support/field-table';

type Given = Parameters<typeof DNSConfig.fromPartial>[0];

const FIELDS: FieldTable<DNSConfig, Given, string | undefined> = {
  servers: [
    [{ servers: ['10.96.0.10'] }, 'nameserver 10.96.0.10\n'],
    [{ servers: ['10.96.0.10', 'fd00::a'] }, 'nameserver 10.96.0.10\nnameserver fd00::a\n'],
    [{ servers: ['10.96.0.10\nnameserver 6.6.6.6'] }, /^InvalidArgument: dns_config\.servers has a control character/],
    [{ servers: ['10.96.0.10 6.6.6.6'] }, /^InvalidArgument: dns_config\.servers has a blank in/],
    [{ servers: [''] }, /^InvalidArgument: dns_config\.servers has a blank in ""/],
  ],
  searches: [
    [{ searches: ['shop.svc', 'svc'] }, 'search shop.svc svc\n'],
    [{ searches: ['svc\r'] }, /^InvalidArgument: dns_config\.searches /],
    [{ searches: ['svc example'] }, /^InvalidArgument: dns_config\.searches /],
  ],
  options: [
    [{ options: ['ndots:5', 'edns0'] }, 'options ndots:5 edns0\n'],
    [{ options: ['ndots:5\0'] }, /^InvalidArgument: dns_config\.options /],
    [{ options: ['ndots:5\u00a0x'] }, /^InvalidArgument: dns_config\.options /],
  ],
};

testFields(FIELDS, (given) => {
  const dns = DNSConfig.fromPartial(given);
  checkDns(dns);
  return resolvConf(dns);
});

it('has its lines in the order of resolv.conf(5)', () => {
  const dns = { servers: ['1.1.1.1'], searches: ['a', 'b'], options: ['c'] };
  expect(resolvConf(dns)).toBe('nameserver 1.1.1.1\nsearch a b\noptions c\n');
});

it.each([undefined, DNSConfig.fromPartial({})])('stays as Docker wrote it for %j', (dns) => {
  checkDns(dns);
  expect(resolvConf(dns)).toBeUndefined();
});

function parse(text: string): DNSConfig {
  const lines = text.split('\n').map((line) => line.split(' '));
  const after = (keyword: string): string[] =>
    lines.filter(([first]) => first === keyword).flatMap(([, ...rest]) => rest);
  return { servers: after('nameserver'), searches: after('search'), options: after('options') };
}

it('says what was asked for, or nothing: no word breaks out of its place', () => {
  const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a\nb', 'a b', '\u2028', '10.0.0.1', 'x'));
  const words = fc.array(word, { maxLength: 3 });
  fc.assert(
    fc.property(fc.record({ servers: words, searches: words, options: words }), (dns) => {
      try {
        checkDns(dns);
      } catch (error) {
        expect(error).toBeInstanceOf(ShimError);
        return;
      }
      expect(parse(resolvConf(dns) ?? '')).toEqual(dns);
    }),
    { numRuns: 500 },
  );
});
