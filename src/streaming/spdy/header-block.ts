import { SpdyProtocolError } from './protocol-error';

/** Names are in lower case. Several values of one name are joined by NUL, as on the wire. Bytes are read as Latin-1. */
export type Headers = ReadonlyMap<string, string>;

/** More than any client of Kubernetes sends (four) by far. */
export const MAX_HEADERS = 100;

/**
 * The headers of an inflated block (§2.6.10): a count, then name and value each after its length, all in four bytes.
 * @throws SpdyProtocolError on anything else, on names in upper case, empty or repeated, and on rubbish at the end.
 */
export function decodeHeaders(plain: Buffer): Headers {
  const fields = new FieldReader(plain);
  const count = fields.number();
  if (count > MAX_HEADERS) throw new SpdyProtocolError(`${count} headers, more than ${MAX_HEADERS}`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index += 1) {
    const name = fields.text();
    if (name === '' || /[A-Z]/.test(name)) throw new SpdyProtocolError('a header name that is empty or in upper case');
    if (headers.has(name)) throw new SpdyProtocolError('a header name that comes twice');
    headers.set(name, fields.text());
  }
  if (!fields.atEnd) throw new SpdyProtocolError('bytes after the last header');
  return headers;
}

export function encodeHeaders(headers: Headers): Buffer {
  const fields = [...headers].flatMap(([name, value]) => [name, value]);
  const words = [number(headers.size)];
  for (const field of fields) words.push(number(field.length), Buffer.from(field, 'latin1'));
  return Buffer.concat(words);
}

class FieldReader {
  private at = 0;

  constructor(private readonly plain: Buffer) {}

  get atEnd(): boolean {
    return this.at === this.plain.length;
  }

  number(): number {
    return this.take(4).readUInt32BE();
  }

  text(): string {
    return this.take(this.number()).toString('latin1');
  }

  private take(length: number): Buffer {
    if (length > this.plain.length - this.at) throw new SpdyProtocolError('a header block that ends too early');
    this.at += length;
    return this.plain.subarray(this.at - length, this.at);
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
