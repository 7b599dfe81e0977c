import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { AuthorityRewriter } from './authority-rewriter';

/**
 * The connection of an old client as HTTP/2 can take it: what the client sends has its `:authority` rewritten, what it
 * is sent passes as it is. The socket must not have been read from, or have everything put back.
 *
 * It goes on for the connection's life: most calls refer to the rewritten value in the dynamic table, but a client
 * sends the literal again when the table has lost it. Either side's end, error or slowness becomes the other's.
 */
export function filterAuthority(socket: Socket): Duplex {
  const rewriter = new AuthorityRewriter();
  const filtered = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      const ready = rewriter.push(chunk);
      if (ready.length > 0 && !filtered.push(ready)) socket.pause();
    } catch (error) {
      filtered.destroy(error as Error);
    }
  });
  socket.on('end', () => filtered.push(null));
  socket.on('error', (error) => filtered.destroy(error));
  socket.on('close', () => filtered.destroy());
  return filtered;
}
