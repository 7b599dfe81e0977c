import { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * The connection of an exec or attach. When the command ends with input of the client's unread, the engine closes, and a
 * write fails while the last output still waits here to be read. node:net would destroy the socket for it and throw that
 * output away. Here such a write counts as done: nobody is left to read it, and how the connection ended is for the
 * reader to find out.
 */
export class HijackedSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, unlessHangUp(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    super._writev?.(chunks, unlessHangUp(done));
  }
}

/** Whether the error says that the other side has closed, maybe with something unread. */
export function isHangUp(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function unlessHangUp(done: Done): Done {
  return (error) => done(error && isHangUp(error) ? null : error);
}
