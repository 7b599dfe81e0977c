import fc from 'fast-check';
import { rewriteAuthority } from '../../../../src/cri/listen/hpack-authority';
import { encodeBlock, HUFFMAN_CHARACTERS, huffmanCoded, type TestField, type TestString } from './hpack-encoder';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...HUFFMAN_CHARACTERS, '/', '/', '/'), maxLength: 300 }),
  fc.constantFrom('/run/dockershim.sock', 'localhost', '%2Frun%2Fx.sock', '', '/'),
);
const string: fc.Arbitrary<TestString> = fc.record({ text, huffman: fc.boolean() });
const indexing = fc.constantFrom('incremental' as const, 'without' as const, 'never' as const);
const field: fc.Arbitrary<TestField> = fc.oneof(
  fc.record({ kind: fc.constant('indexed' as const), index: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ kind: fc.constant('table-size' as const), size: fc.integer({ min: 0, max: 65536 }) }),
  fc.record({
    kind: fc.constant('literal' as const),
    indexing,
    name: fc.oneof(fc.integer({ min: 1, max: 5000 }), string),
    value: string,
  }),
  fc.record({ kind: fc.constant('literal' as const), indexing, name: fc.constant(1), value: string }),
);

function isAuthority(field: TestField): field is TestField & { kind: 'literal' } {
  return field.kind === 'literal' && field.name === 1;
}

test('in any header block, each slash of each :authority value becomes a dash and no other byte changes', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
      const block = encodeBlock(fields);
      const expected = encodeBlock(
        fields.map((field) =>
          isAuthority(field)
            ? { ...field, value: { ...field.value, text: field.value.text.replaceAll('/', '-') } }
            : field,
        ),
      );
      const found = rewriteAuthority(block);
      expect(block.toString('hex')).toBe(expected.toString('hex'));
      expect(found).toBe(fields.some((field) => isAuthority(field) && field.value.text.includes('/')));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are survived, and change only when it says so', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const block = Buffer.from(bytes);
      const found = rewriteAuthority(block);
      expect(found || block.equals(bytes)).toBe(true);
    }),
  );
});

test('the encoder of these tests agrees with the examples of RFC 7541, appendix C', () => {
  expect(huffmanCoded('www.example.com').toString('hex')).toBe('f1e3c2e5f23a6ba0ab90f4ff');
  expect(huffmanCoded('Mon, 21 Oct 2013 20:13:21 GMT').toString('hex')).toBe(
    'd07abe941054d444a8200595040b8166e082a62d1bff',
  );
  expect(
    encodeBlock([
      { kind: 'indexed', index: 2 },
      { kind: 'indexed', index: 6 },
      { kind: 'indexed', index: 4 },
      { kind: 'literal', indexing: 'incremental', name: 1, value: { text: 'www.example.com', huffman: true } },
    ]).toString('hex'),
  ).toBe('828684418cf1e3c2e5f23a6ba0ab90f4ff');
});

test.each(['410a2f72756e', '41', '4fff', '41ffffffffffff', '0002', '7fffffffffffffffffff'])(
  'a block that is cut short or out of range is left alone: %s',
  (hex) => {
    const block = Buffer.from(hex, 'hex');
    expect(rewriteAuthority(block)).toBe(false);
    expect(block.toString('hex')).toBe(hex);
  },
);
