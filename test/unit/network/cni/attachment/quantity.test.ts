import fc from 'fast-check';
import { parseQuantity } from '../../../../../src/network/cni/attachment/quantity';
import { refusal } from '../../../../support/refusal';

it.each([
  ['0', 0n],
  ['10M', 10_000_000n],
  ['1k', 1_000n],
  ['1.5Ki', 1_536n],
  ['.5G', 500_000_000n],
  ['5.', 5n],
  ['1e6', 1_000_000n],
  ['1E6', 1_000_000n],
  ['12e-1', 2n],
  ['1E', 10n ** 18n],
  ['1Ei', 2n ** 60n],
  ['100m', 1n],
  ['1001m', 2n],
  ['1n', 1n],
  ['+7', 7n],
  ['-3', -3n],
  ['-1500m', -1n],
])('%s is %s', (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

it.each(['', '.', 'M', '10 M', '10Mb', '10mi', '1e', '1.2.3', '0x10', '--1', '1'.repeat(65), '1e999'])(
  '%j is none',
  (text) => {
    expect(refusal(() => parseQuantity(text))).toContain('InvalidArgument: ');
  },
);

it('keeps every whole number and every scale exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 15n), fc.constantFrom('', 'k', 'M', 'G'), (number, suffix) => {
      const scale = 1_000n ** BigInt(['', 'k', 'M', 'G'].indexOf(suffix));
      expect(parseQuantity(`${number}${suffix}`)).toBe(number * scale);
    }),
  );
});

it('answers or refuses whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-kKMGinm ') }), (text) => {
      try {
        expect(typeof parseQuantity(text)).toBe('bigint');
      } catch (error) {
        expect(
          refusal(() => {
            throw error;
          }),
        ).toContain('InvalidArgument: ');
      }
    }),
  );
});
