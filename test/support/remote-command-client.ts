import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { SpdyClient } from './spdy-client';

/** Which streams a client opens: those that it asked for when it got its URL. */
export interface Wanted {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
}

/** A client of exec or attach, as a test sees it whatever the protocol. */
export interface RemoteCommandClient {
  write(bytes: Buffer | string): void;
  /** Writes all, at the server's pace. */
  send(bytes: Buffer): Promise<void>;
  endInput(): void;
  resize(width: number, height: number): void;
  stdout(): Buffer;
  stderr(): Buffer;
  /** What is on the error stream. */
  errorText(): string;
  until(condition: () => boolean): Promise<void>;
  /** Waits until the server has ended all output, and leaves as Go's clients do. */
  finished(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Is gone without a word. */
  vanish(): void;
  /** Waits for the connection to be closed by the server too. */
  closed(): Promise<void>;
}

/** The exit code that an error stream of version 4 or 5 tells; undefined when it tells another failure. */
export function exitCodeIn(text: string): number | undefined {
  const status = JSON.parse(text) as {
    status: string;
    details?: { causes?: readonly { reason?: string; message: string }[] };
  };
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  return cause && Number(cause.message);
}

/** Asks for SPDY at a streaming URL: the connection when it is granted, the server's refusal otherwise. */
export async function askForSpdy(
  url: string,
  versions: readonly string[],
  headers: Record<string, string> = {},
): Promise<{ answer: IncomingMessage; socket?: Socket; head?: Buffer; text?: string }> {
  const outgoing = request(url, {
    method: 'POST',
    headers: {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'content-length': '0',
      ...(versions.length > 0 && { 'x-stream-protocol-version': [...versions] }),
      ...headers,
    },
  });
  outgoing.end();
  return await new Promise((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('upgrade', (answer, socket: Socket, head) => resolve({ answer, socket, head }));
    outgoing.once('response', (answer) => {
      answer.toArray().then((parts) => resolve({ answer, text: Buffer.concat(parts as Buffer[]).toString() }), reject);
    });
  });
}

/** Opens its streams one after the other, each when the one before is granted, as Go's client does. */
export async function connectSpdy(
  url: string,
  wanted: Wanted,
  versions: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
): Promise<RemoteCommandClient & { readonly spdy: SpdyClient; readonly ids: ReadonlyMap<string, number> }> {
  const { socket, head, text } = await askForSpdy(url, versions);
  if (socket === undefined) throw new Error(`the server refused SPDY: ${text}`);
  if (head !== undefined && head.length > 0) socket.unshift(head);
  const spdy = new SpdyClient(socket);
  const ids = new Map<string, number>();
  const { stdin, stdout, stderr, tty } = wanted;
  const types = ['error', stdin && 'stdin', stdout && 'stdout', stderr && !tty && 'stderr', tty && 'resize'];
  for (const type of types.filter((one): one is string => typeof one === 'string')) {
    const id = spdy.open({ streamtype: type });
    ids.set(type, id);
    await spdy.until(() => spdy.heard(id).replied || spdy.left);
  }
  const idOf = (type: string): number => ids.get(type) ?? 0;
  const over = (id: number): boolean => spdy.heard(id).ended || spdy.heard(id).reset !== undefined;
  return {
    spdy,
    ids,
    write: (bytes) => spdy.data(idOf('stdin'), bytes),
    async send(bytes) {
      for (let at = 0; at < bytes.length; at += PART) {
        spdy.data(idOf('stdin'), bytes.subarray(at, at + PART));
        if (socket.writableNeedDrain) await once(socket, 'drain');
      }
    },
    endInput: () => spdy.data(idOf('stdin'), '', true),
    resize: (width, height) => spdy.data(idOf('resize'), sizeText(width, height)),
    stdout: () => spdy.bytes(idOf('stdout')),
    stderr: () => spdy.bytes(idOf('stderr')),
    errorText: () => spdy.bytes(idOf('error')).toString(),
    until: (condition) => spdy.until(condition),
    async finished() {
      const outputs = ['error', 'stdout', 'stderr'].map(idOf).filter((id) => id !== 0);
      await spdy.until(() => outputs.every(over) || spdy.left);
      spdy.frame({ type: 'GOAWAY', lastGoodStreamId: 0, status: 0 });
      socket.end();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    vanish: () => void socket.destroy(),
    closed: () => spdy.until(() => spdy.left),
  };
}

export async function connectWebSocket(
  url: string,
  protocols: readonly string[] = ['v5.channel.k8s.io'],
): Promise<RemoteCommandClient & { readonly socket: WebSocket; readonly messages: (Buffer | string)[] }> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], { perMessageDeflate: false });
  const messages: (Buffer | string)[] = [];
  const outputs = new Map<number, Buffer[]>();
  socket.on('message', (message: Buffer, isBinary) => {
    messages.push(isBinary ? message : message.toString());
    const channel = isBinary ? (message[0] ?? 0) : Number(message.toString('latin1', 0, 1));
    const payload = isBinary ? message.subarray(1) : Buffer.from(message.toString('latin1', 1), 'base64');
    const parts = outputs.get(channel) ?? [];
    parts.push(payload);
    outputs.set(channel, parts);
    socket.emit('heard');
  });
  socket.on('close', () => socket.emit('heard'));
  await once(socket, 'open');
  const base64 = socket.protocol.includes('base64');
  const say = (channel: number, bytes: Buffer | string, done?: () => void): void => {
    const payload = Buffer.from(bytes);
    const message = base64 ? `${channel}${payload.toString('base64')}` : Buffer.concat([Buffer.of(channel), payload]);
    socket.send(message, done);
  };
  const bytesOf = (channel: number): Buffer => Buffer.concat(outputs.get(channel) ?? []);
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await once(socket, 'heard');
  };
  return {
    socket,
    messages,
    write: (bytes) => say(0, bytes),
    async send(bytes) {
      for (let at = 0; at < bytes.length; at += PART) {
        await new Promise<void>((resolve) => say(0, bytes.subarray(at, at + PART), resolve));
      }
    },
    endInput: () => socket.send(Buffer.of(255, 0)),
    resize: (width, height) => say(4, sizeText(width, height)),
    stdout: () => bytesOf(1),
    stderr: () => bytesOf(2),
    errorText: () => bytesOf(3).toString(),
    until,
    finished: () => until(() => socket.readyState === WebSocket.CLOSED),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    vanish: () => socket.terminate(),
    closed: () => until(() => socket.readyState === WebSocket.CLOSED),
  };
}

const PART = 32 * 1024;

function sizeText(width: number, height: number): string {
  return `{"Width":${width},"Height":${height}}\n`;
}
