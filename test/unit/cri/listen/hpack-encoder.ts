/** A tiny HPACK encoder for tests, with the codes of RFC 7541, appendix B written out: [bits, first code, characters]. */
const CODES: readonly (readonly [number, number, string])[] = [
  [5, 0x0, '012aceiost'],
  [6, 0x14, ' %-./3456789=A_bdfghlmnpru'],
  [7, 0x5c, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, 0xf8, '&*,;XZ'],
  [10, 0x3f8, '!"()?'],
  [11, 0x7fa, "'+|"],
  [12, 0xffa, '#>'],
  [13, 0x1ff8, '\0$@[]~'],
  [14, 0x3ffc, '^}'],
  [15, 0x7ffc, '<`{'],
  [19, 0x7fff0, '\\'],
  [20, 0xfffe6, '\u0080'],
  [23, 0x7fffd8, '\u0001'],
  [24, 0xffffea, '\t'],
  [26, 0x3ffffee, '\u00ff'],
  [28, 0xfffffe2, '\u0002'],
  [30, 0x3ffffffc, '\n'],
];

/** Every character (a byte, latin1) that the encoder has a Huffman code for. */
export const HUFFMAN_CHARACTERS = CODES.flatMap(([, , characters]) => [...characters]);

const CODE_OF = new Map(
  CODES.flatMap(([bits, first, characters]) =>
    [...characters].map((character, n) => [character, (first + n).toString(2).padStart(bits, '0')] as const),
  ),
);

export interface TestString {
  readonly text: string;
  readonly huffman: boolean;
}

export type TestField =
  | { readonly kind: 'indexed'; readonly index: number }
  | { readonly kind: 'table-size'; readonly size: number }
  | {
      readonly kind: 'literal';
      readonly indexing: 'incremental' | 'without' | 'never';
      /** An index into the tables, or a name spelled out. */
      readonly name: number | TestString;
      readonly value: TestString;
    };

export function encodeBlock(fields: readonly TestField[]): Buffer {
  return Buffer.concat(fields.map(encodeField));
}

function encodeField(field: TestField): Buffer {
  if (field.kind === 'indexed') return integer(0x80, 7, field.index);
  if (field.kind === 'table-size') return integer(0x20, 5, field.size);
  const [pattern, prefix] = { incremental: [0x40, 6], without: [0x00, 4], never: [0x10, 4] }[field.indexing] as [
    number,
    number,
  ];
  const { name, value } = field;
  const head =
    typeof name === 'number' ? [integer(pattern, prefix, name)] : [integer(pattern, prefix, 0), string(name)];
  return Buffer.concat([...head, string(value)]);
}

function string({ text, huffman }: TestString): Buffer {
  const bytes = huffman ? huffmanCoded(text) : Buffer.from(text, 'latin1');
  return Buffer.concat([integer(huffman ? 0x80 : 0, 7, bytes.length), bytes]);
}

export function huffmanCoded(text: string): Buffer {
  const bits = [...text].map((character) => CODE_OF.get(character) ?? '').join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

function integer(pattern: number, prefix: number, value: number): Buffer {
  const mask = 2 ** prefix - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
