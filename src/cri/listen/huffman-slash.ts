/**
 * How many codes of each length (the index, in bits) HPACK's Huffman code has; RFC 7541, appendix B. The code is
 * canonical: codes of one length are consecutive numbers, so these counts alone tell where each symbol ends.
 */
const CODES_OF_LENGTH: readonly number[] = [
  0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
];

const SLASH = { code: 0b011000, bits: 6 };

/**
 * Turns every '/' of a Huffman-coded string into '-' where it stands: both codes have six bits (011000 and 010110).
 * @returns whether there was one.
 */
export function rewriteHuffmanSlashes(coded: Buffer): boolean {
  let found = false;
  let code = 0;
  let bits = 0;
  let firstOfLength = 0;
  for (let at = 0; at < coded.length * 8; at += 1) {
    code = code * 2 + bitAt(coded, at);
    firstOfLength = (firstOfLength + (CODES_OF_LENGTH[bits] ?? 0)) * 2;
    bits += 1;
    if (code - firstOfLength >= (CODES_OF_LENGTH[bits] ?? 0)) continue;
    if (bits === SLASH.bits && code === SLASH.code) {
      found = true;
      for (const differing of [at - 3, at - 2, at - 1]) flipBit(coded, differing);
    }
    code = bits = firstOfLength = 0;
  }
  return found;
}

function bitAt(bytes: Buffer, at: number): number {
  return ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

function flipBit(bytes: Buffer, at: number): void {
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (7 - (at & 7)));
}
