import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, ShimError } from '../../lib/errors';
import type { Log } from '../../lib/log';
import { filterAuthority } from './authority-filter';
import { EMPTY_SETTINGS } from './http2-frames';
import { readOpening } from './opening';

/**
 * The most that is read before the client is known. An honest one sends its first headers (64 KiB at most) and, if it
 * doesn't wait for the greeting to arrive, as much of its first request as the initial window allows (64 KiB).
 */
const MAX_OPENING_BYTES = 192 * 1024;

/**
 * Looks at the first request of an accepted connection and injects the connection into the HTTP/2 server: the socket
 * itself for current clients, a filter in front of it for those that send the raw socket path as `:authority`
 * (grpc-go before mid-2023), which Node's HTTP/2 refuses before any JavaScript sees it.
 *
 * gRPC clients send no request before the server's SETTINGS frame, so the look begins with one that sets nothing; the
 * HTTP/2 server sends its own as well, which counts as a later change of settings (RFC 9113 §6.5).
 */
export function acceptConnection(socket: Socket, log: Log, inject: (connection: Duplex) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const look = (): void => {
    try {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        bytes = Buffer.concat([bytes, chunk]);
      }
      const opening = readOpening(bytes);
      if (opening !== undefined) handOver(opening.needsFilter, opening.bytes);
      else if (bytes.length > MAX_OPENING_BYTES) {
        throw new ShimError('ResourceExhausted', 'the client sent too much before its first call');
      }
    } catch (error) {
      log.warn('a connection was refused', { error: messageOf(error) });
      socket.destroy();
    }
  };
  const leave = (): void => void socket.destroy();
  const handOver = (needsFilter: boolean, opening: Buffer): void => {
    socket.off('readable', look).off('end', leave).off('error', leave);
    socket.unshift(opening);
    inject(needsFilter ? filterAuthority(socket) : socket);
  };
  socket.on('readable', look).on('end', leave).on('error', leave);
  socket.write(EMPTY_SETTINGS);
}
