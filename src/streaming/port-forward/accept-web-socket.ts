import type { WebSocket } from 'ws';
import { refuse } from '../http-answer';
import type { PortForwardSession } from '../port-forward';
import { offered, type Upgrade } from '../upgrade';
import type { ChannelForm } from '../web-socket/channel-message';
import { openWebSocket } from '../web-socket/open';

/** SPDY in WebSocket, as its clients call it. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';

/** A client that names no protocol speaks the binary channels. */
const CHANNELS: ReadonlyMap<string, ChannelForm> = new Map([
  ['', { base64: false }],
  ['v4.channel.k8s.io', { base64: false }],
  ['v4.base64.channel.k8s.io', { base64: true }],
]);

/** Two channels each: more could not be told apart in one character of a text message. */
const MOST_PORTS = 40;

/** `channels` is undefined when the client speaks SPDY inside. */
export interface WebSocketClient {
  readonly socket: WebSocket;
  readonly channels: ChannelForm | undefined;
}

/** Answers a client that wants WebSocket: takes it in, or refuses it and returns undefined. */
export function acceptWebSocket(session: PortForwardSession, upgrade: Upgrade): WebSocketClient | undefined {
  const names = offered(upgrade.request, 'sec-websocket-protocol');
  const name = names.length === 0 ? '' : names.find((one) => one === TUNNEL || CHANNELS.has(one));
  if (name === undefined) {
    // Without a text: clients that see it try again with SPDY.
    refuse(upgrade.socket, 403, '');
    return undefined;
  }
  const { length } = session.ports;
  if (name !== TUNNEL && (length === 0 || length > MOST_PORTS)) {
    refuse(upgrade.socket, 400, `over WebSocket channels 1 to ${MOST_PORTS} ports are forwarded, not ${length}`);
    return undefined;
  }
  const socket = openWebSocket(upgrade, name);
  return socket && { socket, channels: CHANNELS.get(name) };
}
