import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client that was refused may take to leave, in milliseconds. */
const LEAVE_TIMEOUT_MS = 2_000;

/**
 * Answers an upgrade request with a refusal and ends the connection. Proxies copy the text to the person who waits, so
 * it has a length. What the client has sent besides is thrown away: with unread bytes a socket closes so hard that TCP
 * drops the answer. A client that does not leave is cut off.
 */
export function refuse(
  socket: Duplex,
  status: number,
  text: string,
  headers: readonly (readonly [string, string])[] = [],
): void {
  const body = text === '' ? '' : `${text}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LEAVE_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** Answers 101 and leaves the connection to the protocol that was asked for. */
export function switchProtocols(socket: Duplex, headers: readonly (readonly [string, string])[]): void {
  const lines = ['HTTP/1.1 101 Switching Protocols', ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}
