import type { Duplex } from 'node:stream';
import type { IdleContext } from '../idle';
import type { DialPod, PortForwardSession } from '../port-forward';
import { SpdyConnection, type SpdyLimits } from '../spdy/connection';
import type { ReceiveTurns } from '../spdy/receive-turns';
import type { SpdyStream } from '../spdy/stream';
import { forward } from './forward';
import { StreamPairs } from './stream-pairs';

/** How long the second stream of a connection may take to come, in milliseconds. */
const STREAM_CREATION_TIMEOUT_MS = 30_000;

/**
 * A thousand connections at the same time, two streams each: load tests run through port-forward.
 *
 * Without flow control, one connection whose program in the pod stops reading holds up all others of the client, once
 * its 1 MiB here and the megabytes of the kernel are full. Half a minute is long for a busy program, and short enough
 * that a client hears answers to its pings again within the minute after which it would give up.
 */
export const LIMITS: SpdyLimits = { maxStreams: 2000, stallMs: 30_000 };

/** A connection on which SPDY is spoken already. */
export interface SpdyPeer {
  readonly socket: Duplex;
  /** Bytes of it that were read already. */
  readonly head: Buffer;
  readonly turns: ReceiveTurns;
}

/** Forwards ports over SPDY until the connection ends. */
export async function serveStreams(
  dial: DialPod,
  session: PortForwardSession,
  { socket, head, turns }: SpdyPeer,
  ctx: IdleContext,
): Promise<void> {
  const pairs = new StreamPairs(STREAM_CREATION_TIMEOUT_MS, (port) => forward(dial, session, port, ctx));
  await new Promise<void>((resolve) => {
    const owner = { onStream: (stream: SpdyStream) => pairs.add(stream), onClose: () => resolve() };
    const connection = new SpdyConnection(ctx, socket, owner, LIMITS, turns);
    connection.start(head);
    ctx.watch(connection);
  });
  pairs.close();
}
