import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade request with a refusal and ends the connection. Proxies copy the text to the person who waits, so
 * it has a length.
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
}

/** Answers 101 and leaves the connection to the protocol that was asked for. */
export function switchProtocols(socket: Duplex, headers: readonly (readonly [string, string])[]): void {
  const lines = ['HTTP/1.1 101 Switching Protocols', ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}
