/** What a frame is part of; `error` is the engine's own. */
export type OutputStream = 'stdout' | 'stderr' | 'error';

/** Of a frame, in bytes. */
export const HEADER_LENGTH = 8;

/**
 * Docker multiplexes a container's output, when it has no terminal, into frames: one byte for the stream (1 stdout,
 * 2 stderr, 3 an error of the engine's), three zero bytes, the length in four bytes, big endian, and the payload
 * (Docker API, "Attach to a container", stream format).
 *
 * Push chunks as they come off the wire; each part of a payload is handed on at once, never collected.
 */
export class Demultiplexer {
  private readonly header = Buffer.alloc(HEADER_LENGTH);
  private headerLength = 0;
  private payloadLeft = 0;
  private stream: OutputStream = 'stdout';

  constructor(private readonly deliver: (stream: OutputStream, part: Buffer) => void) {}

  /** @throws Error on bytes that are no frame: the two sides have lost step and nothing after can be trusted. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.payloadLeft === 0) {
        const taken = Math.min(HEADER_LENGTH - this.headerLength, chunk.length - at);
        chunk.copy(this.header, this.headerLength, at, at + taken);
        this.headerLength += taken;
        at += taken;
        if (this.headerLength < HEADER_LENGTH) return;
        this.headerLength = 0;
        ({ stream: this.stream, length: this.payloadLeft } = frameHead(this.header));
        continue;
      }
      const end = Math.min(at + this.payloadLeft, chunk.length);
      this.deliver(this.stream, chunk.subarray(at, end));
      this.payloadLeft -= end - at;
      at = end;
    }
  }
}

/** What the first bytes of a frame say: its stream, and how many bytes follow. @throws Error on bytes that begin none */
export function frameHead(head: Buffer): { readonly stream: OutputStream; readonly length: number } {
  return { stream: streamOf(head.readUInt32BE(0)), length: head.readUInt32BE(4) };
}

/** The stream that a header's first four bytes name: a number and three zeros. */
function streamOf(name: number): OutputStream {
  switch (name) {
    case 0x00000000: // stdin echoed: the engine writes it as output
    case 0x01000000:
      return 'stdout';
    case 0x02000000:
      return 'stderr';
    case 0x03000000:
      return 'error';
    default:
      throw new Error(`not a multiplexed output stream: a frame begins with ${name.toString(16).padStart(8, '0')}`);
  }
}
