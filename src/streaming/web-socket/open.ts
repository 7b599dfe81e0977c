import { WebSocketServer, type WebSocket } from 'ws';
import type { Upgrade } from '../upgrade';

/** The longest message that is taken, in bytes: Go's servers draw the same line. What they hold together is bounded too. */
const LONGEST_MESSAGE = 32 * 1024 * 1024;

/** WebSocket's status codes (RFC 6455 §7.4.1). Go's client takes every end but a normal one for a failure. */
export const CloseCode = { normal: 1000, protocolError: 1002 } as const;

/**
 * Answers the upgrade in the subprotocol that was chosen; an empty one is for clients that named none. Undefined when
 * the request is no good one: it has been refused then.
 *
 * ws takes no name with a slash in it, and some of Kubernetes' have one: so it sees none, and the answer's header is
 * written here.
 */
export function openWebSocket(upgrade: Upgrade, protocol: string): WebSocket | undefined {
  const { request, socket, head, unfinished } = upgrade;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LONGEST_MESSAGE,
    // Each message has a turn of the event loop to itself, or else one read, of thousands of tiny ones, would be dealt with
    // in one go. Real clients' messages are long: a turn is nothing beside them.
    allowSynchronousEvents: false,
  });
  if (protocol !== '') server.once('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${protocol}`));
  delete request.headers['sec-websocket-protocol'];
  let opened: WebSocket | undefined;
  // Calls back before it returns, or has refused the request.
  server.handleUpgrade(request, socket, head, (webSocket) => (opened = webSocket));
  if (opened !== undefined) unfinished.watch(socket, opened);
  return opened;
}
