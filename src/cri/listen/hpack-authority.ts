import { rewriteHuffmanSlashes } from './huffman-slash';

/** The place of `:authority` in HPACK's static table; RFC 7541, appendix A. */
const AUTHORITY_INDEX = 1;

/** Sizes and indices of more than this many continuation bytes are out of range in any header block. */
const MAX_INTEGER_CONTINUATION = 4;

/**
 * Turns every '/' in the `:authority` values of one whole header block into '-', in place. Nothing changes its length,
 * so a value that enters the dynamic table has the size that the peer reckons with and both tables stay alike: that is
 * why no table is needed here, and why a later reference to the entry needs no rewriting.
 *
 * A client that spells the name out instead of using the static table is left alone (grpc-go uses the table), and so is
 * an empty `:authority`: making it longer would put the tables out of step. A malformed block is left to HTTP/2 to refuse.
 * @returns whether anything was rewritten.
 */
export function rewriteAuthority(block: Buffer): boolean {
  const reader: Reader = { block, offset: 0 };
  let rewritten = false;
  while (reader.offset < block.length) {
    const first = block[reader.offset] ?? 0;
    if (first & 0x80) {
      // Indexed header field.
      if (readInteger(reader, 7) === undefined) return rewritten;
    } else if ((first & 0xe0) === 0x20) {
      // Dynamic table size update.
      if (readInteger(reader, 5) === undefined) return rewritten;
    } else {
      // Literal: with incremental indexing (01), without (0000), never indexed (0001).
      const name = readInteger(reader, first & 0x40 ? 6 : 4);
      if (name === undefined || (name === 0 && readString(reader) === undefined)) return rewritten;
      const value = readString(reader);
      if (value === undefined) return rewritten;
      if (name === AUTHORITY_INDEX) rewritten = rewriteSlashes(value) || rewritten;
    }
  }
  return rewritten;
}

interface Reader {
  readonly block: Buffer;
  offset: number;
}

interface StringLiteral {
  /** A view of the block. */
  readonly bytes: Buffer;
  readonly huffman: boolean;
}

function rewriteSlashes({ bytes, huffman }: StringLiteral): boolean {
  if (huffman) return rewriteHuffmanSlashes(bytes);
  let found = false;
  for (let at = bytes.indexOf('/'); at !== -1; at = bytes.indexOf('/', at + 1)) {
    bytes.write('-', at);
    found = true;
  }
  return found;
}

/** An integer whose first byte has `prefix` bits of it (RFC 7541 §5.1); undefined when it's cut short or too large. */
function readInteger(reader: Reader, prefix: number): number | undefined {
  const mask = 2 ** prefix - 1;
  let value = (reader.block[reader.offset++] ?? 0) & mask;
  if (value < mask) return value;
  for (let n = 0; n < MAX_INTEGER_CONTINUATION; n += 1) {
    const byte = reader.block[reader.offset++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * n);
    if ((byte & 0x80) === 0) return value;
  }
  return undefined;
}

/** A string literal (RFC 7541 §5.2); undefined when the block ends before it does. */
function readString(reader: Reader): StringLiteral | undefined {
  const head = reader.block[reader.offset];
  if (head === undefined) return undefined;
  const length = readInteger(reader, 7);
  if (length === undefined || reader.offset + length > reader.block.length) return undefined;
  const bytes = reader.block.subarray(reader.offset, reader.offset + length);
  reader.offset += length;
  return { bytes, huffman: (head & 0x80) !== 0 };
}
