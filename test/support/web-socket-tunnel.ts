import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const BINARY = 0x82;
const CLOSE = 0x88;
const PONG = 0x8a;

/**
 * A client's end of SPDY in WebSocket: a stream of what is inside. By hand, since ws refuses the name of the subprotocol,
 * and so that the test decides where messages begin and end: each write is one.
 */
export class WebSocketTunnel extends Duplex {
  /** What the server answered, in lower case. */
  readonly answered: Record<string, unknown>;
  /** The status code of the server's close. */
  closedWith: number | undefined;
  pongs = 0;
  private unread = Buffer.alloc(0);

  private constructor(
    readonly socket: Socket,
    answered: Record<string, unknown>,
  ) {
    super();
    this.answered = answered;
    socket.on('data', (chunk: Buffer) => this.decode(chunk));
    socket.on('close', () => this.destroy());
    socket.on('error', () => undefined);
  }

  static connect(url: string, protocol = 'SPDY/3.1+portforward.k8s.io'): Promise<WebSocketTunnel> {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-protocol': protocol,
    };
    return new Promise((resolve, reject) => {
      request(url, { headers })
        .once('upgrade', ({ headers }, socket: Socket) => resolve(new WebSocketTunnel(socket, headers)))
        .once('response', ({ statusCode }) => reject(new Error(`refused with ${statusCode}`)))
        .once('error', reject)
        .end();
    });
  }

  ping(): void {
    this.socket.write(frame(0x89, Buffer.alloc(0)));
  }

  override _read(): void {
    this.socket.resume();
  }

  /** What is written after the close was answered goes nowhere, as with a client that writes while it leaves. */
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.socket.writableEnded) done();
    else this.socket.write(frame(BINARY, bytes), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.socket.writableEnded) done();
    else this.socket.write(frame(CLOSE, Buffer.of(0x03, 0xe8)), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  /** Answers the server's close with the same one. */
  private leave(payload: Buffer): void {
    this.closedWith = payload.readUInt16BE();
    this.socket.end(frame(CLOSE, payload));
  }

  private decode(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    for (;;) {
      const { opcode, payload, length } = parse(this.unread) ?? {};
      if (payload === undefined) return;
      this.unread = this.unread.subarray(length);
      if (opcode === BINARY) this.push(payload);
      else if (opcode === PONG) this.pongs += 1;
      else if (opcode === CLOSE) this.leave(payload);
      this.emit('heard');
    }
  }
}

/** A frame with a mask of zeros, which leaves its payload as it is. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size = Buffer.alloc(length < 126 ? 1 : length < 65_536 ? 3 : 9);
  if (size.length === 1) size[0] = length;
  else if (size.length === 3) size.writeUInt16BE(length, 1);
  else size.writeBigUInt64BE(BigInt(length), 1);
  if (size.length > 1) size[0] = size.length === 3 ? 126 : 127;
  size[0] = (size[0] ?? 0) | 0x80;
  return Buffer.concat([Buffer.of(opcode), size, Buffer.alloc(4), payload]);
}

function parse(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  const [opcode, short] = bytes;
  if (opcode === undefined || short === undefined) return undefined;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const size = start === 2 ? short : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + size) return undefined;
  return { opcode, payload: bytes.subarray(start, start + size), length: start + size };
}
