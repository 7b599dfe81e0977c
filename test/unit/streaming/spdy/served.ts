import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLog } from '../../../../src/lib/log';
import { SpdyConnection, type SpdyLimits } from '../../../../src/streaming/spdy/connection';
import { ReceiveTurns } from '../../../../src/streaming/spdy/receive-turns';
import type { SpdyStream } from '../../../../src/streaming/spdy/stream';
import { SpdyClient } from '../../../support/spdy-client';

/** Both ends of one connection over TCP, and what the server's side has told its owner. */
export interface Served {
  readonly client: SpdyClient;
  readonly connection: SpdyConnection;
  /** The server's end of the socket. */
  readonly socket: Socket;
  readonly streams: SpdyStream[];
  /** One entry for each call of onClose. */
  readonly closes: (Error | undefined)[];
  readonly abort: AbortController;
  /** Waits for the server's side to be gone. */
  closed(): Promise<void>;
}

export interface ServeOptions extends Partial<SpdyLimits> {
  readonly head?: Buffer;
  /** Those of the server, when it has several connections. */
  readonly turns?: ReceiveTurns;
  readonly onStream?: (stream: SpdyStream) => void;
}

const opened: Served[] = [];

export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { head, turns = new ReceiveTurns(), onStream, maxStreams = 1000, stallMs } = options;
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const outgoing = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  const abort = new AbortController();
  const streams: SpdyStream[] = [];
  const closes: (Error | undefined)[] = [];
  const connection = new SpdyConnection(
    { signal: abort.signal, log: silentLog },
    socket,
    {
      onStream(stream) {
        streams.push(stream);
        onStream?.(stream);
      },
      onClose: (error) => closes.push(error),
    },
    { maxStreams, stallMs },
    turns,
  );
  connection.start(head ?? Buffer.alloc(0));
  const served: Served = {
    client: new SpdyClient(outgoing),
    connection,
    socket,
    streams,
    closes,
    abort,
    async closed() {
      if (closes.length === 0) await new Promise((resolve) => socket.once('close', resolve));
    },
  };
  opened.push(served);
  return served;
}

/** To be called after each test. */
export function closeAll(): void {
  for (const { client, socket } of opened.splice(0)) {
    client.socket.destroy();
    socket.destroy();
  }
}

export function echo(stream: SpdyStream): void {
  stream.reply();
  stream.pipe(stream);
}

/** Reads a stream to its end without destroying it, as an async iterator would. */
export async function received(stream: SpdyStream): Promise<string> {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  await once(stream, 'end');
  return Buffer.concat(parts).toString();
}

/** Writes bytes so that the server reads them in pieces of this size. */
export async function inPiecesTo({ client, socket }: Served, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    client.socket.write(bytes.subarray(at, at + size));
    while (socket.bytesRead < Math.min(at + size, bytes.length)) await new Promise((resolve) => setImmediate(resolve));
  }
}
