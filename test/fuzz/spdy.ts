import { duplexPair } from 'node:stream';
import { silentLog } from '../../src/lib/log';
import { SpdyConnection } from '../../src/streaming/spdy/connection';
import { SpdyProtocolError } from '../../src/streaming/spdy/protocol-error';
import { ReceiveTurns } from '../../src/streaming/spdy/receive-turns';
import type { SpdyStream } from '../../src/streaming/spdy/stream';

/** What came of one input. */
export interface Outcome {
  /** Calls of onClose. */
  readonly closes: number;
  readonly streams: readonly SpdyStream[];
  /** The most bytes that waited in the server for readers and for the peer. */
  readonly mostHeld: number;
}

/**
 * Feeds a connection with arbitrary bytes and lets the peer leave. Streams are echoed, left unread, refused or ended
 * by their number, so that every state meets every frame.
 * @throws whatever the connection lets out: nothing at all is right.
 */
export async function feed(pieces: readonly Buffer[]): Promise<Outcome> {
  const [near, far] = duplexPair();
  const streams: SpdyStream[] = [];
  let closes = 0;
  let wrong: Error | undefined;
  const connection = new SpdyConnection(
    { signal: new AbortController().signal, log: silentLog },
    near,
    {
      onStream(stream) {
        streams.push(stream);
        treat(stream);
      },
      onClose(error) {
        closes += 1;
        if (error !== undefined && !(error instanceof SpdyProtocolError)) wrong = error;
      },
    },
    { maxStreams: 20, stallMs: undefined },
    new ReceiveTurns(),
  );
  connection.start(Buffer.alloc(0));
  far.on('data', () => undefined);
  let mostHeld = 0;
  for (const piece of pieces) {
    far.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
    mostHeld = Math.max(
      mostHeld,
      near.writableLength + streams.reduce((sum, stream) => sum + stream.readableLength, 0),
    );
  }
  far.end();
  for (let turn = 0; turn < 100 && closes === 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  near.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  if (wrong !== undefined) throw wrong;
  return { closes, streams, mostHeld };
}

function treat(stream: SpdyStream): void {
  switch ((stream.id >> 1) % 4) {
    case 0:
      stream.reply();
      stream.pipe(stream);
      return;
    case 1:
      stream.reply();
      return;
    case 2:
      stream.reset();
      return;
    default:
      stream.end('good-bye');
  }
}
