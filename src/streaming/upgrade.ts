import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ReceiveTurns } from './spdy/receive-turns';
import type { UnfinishedMessages } from './web-socket/unfinished-messages';

/** An HTTP request to change the protocol, and the connection that it came on. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** Bytes of the new protocol that came along with the request. */
  readonly head: Buffer;
  /** Those of all of the server's connections. */
  readonly unfinished: UnfinishedMessages;
  readonly turns: ReceiveTurns;
}

/** The protocols that a client asks for in a header, in its order of preference. Repeated lines arrive joined. */
export function offered(request: IncomingMessage, header: string): string[] {
  const value = request.headers[header];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export function isWebSocket({ request }: Upgrade): boolean {
  return (request.headers.upgrade ?? '').toLowerCase().includes('websocket');
}

export function isSpdy({ request }: Upgrade): boolean {
  return (request.headers.upgrade ?? '').toLowerCase().includes('spdy/3.1');
}
