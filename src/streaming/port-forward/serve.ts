import { setMaxListeners } from 'node:events';
import { refuse } from '../http-answer';
import { endWhenIdle } from '../idle';
import type { DialPod, PortForwardSession } from '../port-forward';
import type { ServeSession } from '../server';
import { switchToSpdy } from '../spdy-upgrade';
import { isSpdy, isWebSocket } from '../upgrade';
import { WebSocketByteStream } from '../web-socket/byte-stream';
import { acceptWebSocket } from './accept-web-socket';
import { serveChannels } from './serve-channels';
import { serveStreams } from './serve-streams';

export interface PortForwardOptions {
  /** A session without data for this long, in milliseconds, is ended. */
  readonly idleTimeoutMs: number;
}

/** What clients call port-forward over SPDY. */
const PROTOCOL = 'portforward.k8s.io';
const NO_BYTES = Buffer.alloc(0);

/** Serves port-forward to every client: over SPDY, over SPDY in WebSocket, and over the channels of old WebSocket. */
export function servePortForward(dial: DialPod, options: PortForwardOptions): ServeSession<PortForwardSession> {
  return async (session, upgrade, ctx) => {
    const idle = endWhenIdle(ctx, options.idleTimeoutMs);
    // Each connection of the session listens; Node takes eleven for a leak.
    setMaxListeners(0, idle.signal);
    try {
      if (isWebSocket(upgrade)) {
        const { socket, channels } = acceptWebSocket(session, upgrade) ?? {};
        if (socket === undefined) return;
        if (channels !== undefined) await serveChannels(dial, session, socket, channels, idle);
        else {
          const inside = { socket: WebSocketByteStream.over(socket), head: NO_BYTES, turns: upgrade.turns };
          await serveStreams(dial, session, inside, idle);
        }
      } else if (isSpdy(upgrade)) {
        const protocol = switchToSpdy(upgrade, [PROTOCOL]);
        if (protocol !== undefined) await serveStreams(dial, session, upgrade, idle);
      } else {
        refuse(upgrade.socket, 400, 'only SPDY/3.1 and WebSocket are spoken here');
      }
    } finally {
      idle.dispose();
    }
  };
}
