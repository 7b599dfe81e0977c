import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeServiceService, VersionRequest, VersionResponse } from '../../../../generated/runtime/v1/api';
import { CriListener } from '../../../../src/cri/listen/cri-listener';
import { FrameFlag, FrameType, frameAt } from '../../../../src/cri/listen/http2-frames';
import { silentLog } from '../../../../src/lib/log';
import { encodeBlock } from './hpack-encoder';
import { frame, headerFrames, HELLO, KUBELET_FIRST_CALL, SETTINGS, SETTINGS_ACK } from './http2-client-bytes';
import { versionServer, type VersionServer } from './version-server';

const { version } = RuntimeServiceService;

let directory: string;
let path: string;
let server: VersionServer;
let listener: CriListener;
let warnings: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'listener-'));
  path = join(directory, 'dockershim.sock');
  server = versionServer();
  warnings = [];
  const log = { ...silentLog, warn: (_message: string, fields?: object) => void warnings.push(JSON.stringify(fields)) };
  listener = await CriListener.open({ endpoints: [{ kind: 'path', path }], env: {}, log, inject: server.inject });
});

afterEach(async () => {
  await listener.close();
  server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A client that writes raw bytes and keeps what it is sent. */
class RawClient {
  received: Buffer = Buffer.alloc(0);
  readonly socket: Socket;
  readonly closed: Promise<void>;
  private onChange = (): void => undefined;

  constructor() {
    this.socket = connect(path);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.onChange();
    });
  }

  /** Frames received so far: type, stream, payload. */
  frames(): { type: number; flags: number; stream: number; payload: Buffer }[] {
    const frames = [];
    for (let at = 0, head = frameAt(this.received, 0); head !== undefined; head = frameAt(this.received, at)) {
      frames.push({ ...head, payload: this.received.subarray(head.payload, head.end) });
      at = head.end;
    }
    return frames;
  }

  /** The answer to the Version call on `stream`, when its trailers have come. */
  answer(stream: number): Promise<VersionResponse> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const mine = this.frames().filter((frame) => frame.stream === stream);
        if (mine.some((frame) => frame.type === 3)) reject(new Error('RST_STREAM'));
        const headers = mine.filter((frame) => frame.type === FrameType.Headers).length;
        const data = Buffer.concat(mine.filter((frame) => frame.type === 0).map((frame) => frame.payload));
        if (headers === 2) resolve(VersionResponse.decode(data.subarray(5)));
      };
      this.onChange = look;
      void this.closed.then(() => reject(new Error('closed')));
      look();
    });
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.onChange = () => condition() && resolve();
      this.onChange();
    });
  }
}

function versionCall(
  stream: number,
  authority: Parameters<typeof encodeBlock>[0][number],
  clientVersion = '0.1.0',
): Buffer {
  const block = encodeBlock([
    { kind: 'indexed', index: 3 }, // :method POST
    { kind: 'indexed', index: 6 }, // :scheme http
    { kind: 'literal', indexing: 'without', name: 4, value: { text: version.path, huffman: false } },
    authority,
    {
      kind: 'literal',
      indexing: 'without',
      name: 31,
      value: { text: 'application/grpc', huffman: true },
    },
    {
      kind: 'literal',
      indexing: 'without',
      name: { text: 'te', huffman: false },
      value: { text: 'trailers', huffman: false },
    },
  ]);
  const message = VersionRequest.encode({ version: clientVersion }).finish();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([headerFrames(block, stream), frame(0, 1, stream, Buffer.concat([head, message]))]);
}

const rawPath = { text: '/run/dockershim.sock', huffman: true };
const rawAuthority = { kind: 'literal', indexing: 'incremental', name: 1, value: rawPath } as const;
const currentAuthority = { ...rawAuthority, value: { text: 'localhost', huffman: true } } as const;

test('the first call of a kubelet 1.20 is answered on v1alpha2', async () => {
  const client = new RawClient();
  client.socket.write(KUBELET_FIRST_CALL);
  expect(await client.answer(1)).toMatchObject({ version: '0.1.0', runtimeName: 'docker' });
  expect(server.authorities).toEqual(['-run-dockershim.sock']);
  expect(server.connections[0]).not.toBeInstanceOf(Socket);
  client.socket.destroy();
});

test('the same, when each byte comes by itself', async () => {
  const client = new RawClient();
  for (const byte of KUBELET_FIRST_CALL) {
    client.socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  expect(await client.answer(1)).toMatchObject({ version: '0.1.0' });
  client.socket.destroy();
});

test('an old client refers to its authority, and sends it again when its table has lost it', async () => {
  const client = new RawClient();
  client.socket.write(Buffer.concat([HELLO, SETTINGS_ACK]));
  const authorities = [
    rawAuthority,
    { kind: 'indexed', index: 62 } as const,
    { ...rawAuthority, indexing: 'never', value: { ...rawPath, huffman: false } } as const,
    rawAuthority,
    { kind: 'indexed', index: 63 } as const,
  ];
  for (let n = 0; n < 200; n += 1) {
    const stream = 2 * n + 1;
    client.socket.write(versionCall(stream, authorities[n % authorities.length] ?? rawAuthority, `call ${n}`));
    expect(await client.answer(stream)).toMatchObject({ version: `call ${n}` });
  }
  expect(server.authorities).toEqual(Array(200).fill('-run-dockershim.sock'));
  client.socket.destroy();
});

test('a current gRPC client gets the socket itself', async () => {
  const client = new Client(`unix:${path}`, credentials.createInsecure());
  for (let n = 0; n < 20; n += 1) expect(await call(client, `${n}`)).toMatchObject({ version: `${n}` });
  expect(server.connections).toHaveLength(1);
  expect(server.connections[0]).toBeInstanceOf(Socket);
  client.close();
});

test.each([
  ['current', 'localhost'],
  ['old', '/run/dockershim.sock'],
])('a %s client sends and gets messages of 15 MiB, several at once', async (_age, authority) => {
  const client = new Client(`unix:${path}`, credentials.createInsecure(), {
    'grpc.default_authority': authority,
    'grpc.max_receive_message_length': 16 << 20,
  });
  const large = 'x'.repeat(15 << 20);
  const answers = await Promise.all([call(client, large), call(client, 'small'), call(client, large)]);
  expect(answers.map((answer) => answer.version.length)).toEqual([large.length, 5, large.length]);
  client.close();
});

test.each([
  ['current', 'localhost', true],
  ['current', '%2Frun%2Fdockershim.sock', true],
  ['old', '/run/dockershim.sock', false],
])('a %s HTTP/2 client that sends its request before any greeting is served (%s)', async (_age, authority, direct) => {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(path) });
  for (let n = 0; n < 10; n += 1) expect(await post(session, authority)).toBe(200);
  expect(server.connections.map((connection) => connection instanceof Socket)).toEqual([direct]);
  session.close();
});

test('a request of 64 KiB that comes in one piece with its headers is whole', async () => {
  const client = new RawClient();
  const message = VersionRequest.encode({ version: 'y'.repeat(60_000) }).finish();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const body = Buffer.concat([head, message]);
  const [headers] = splitAfterHeaders(versionCall(1, currentAuthority));
  const data = [0, 16_000, 32_000, 48_000].map((at) =>
    frame(0, at === 48_000 ? 1 : 0, 1, body.subarray(at, at === 48_000 ? undefined : at + 16_000)),
  );
  client.socket.write(Buffer.concat([HELLO, headers, ...data]));
  await client.until(() => client.received.length > 0);
  client.socket.write(SETTINGS_ACK);
  expect((await client.answer(1)).version).toBe('y'.repeat(60_000));
  expect(server.connections[0]).toBeInstanceOf(Socket);
  client.socket.destroy();
});

test('a client that pings before its first call is answered, whatever its authority is', async () => {
  for (const authority of [rawAuthority, currentAuthority]) {
    const client = new RawClient();
    client.socket.write(Buffer.concat([HELLO, SETTINGS_ACK, frame(FrameType.Ping, 0, 0, Buffer.from('pingpong'))]));
    await client.until(() =>
      client.frames().some(({ type, flags }) => type === FrameType.Ping && flags === FrameFlag.Ack),
    );
    client.socket.write(versionCall(1, authority));
    expect(await client.answer(1)).toMatchObject({ version: '0.1.0' });
    client.socket.destroy();
  }
});

test('the acknowledgement of the greeting is not taken for that of the server’s own settings', async () => {
  const client = new RawClient();
  client.socket.write(Buffer.concat([HELLO, versionCall(1, currentAuthority), SETTINGS_ACK, SETTINGS]));
  expect(await client.answer(1)).toMatchObject({ version: '0.1.0' });
  client.socket.write(Buffer.concat([SETTINGS_ACK, versionCall(3, currentAuthority)]));
  expect(await client.answer(3)).toMatchObject({ version: '0.1.0' });
  expect(client.frames().some(({ type }) => type === 7)).toBe(false);
  client.socket.destroy();
});

test.each([
  ['that speaks HTTP/1', Buffer.from('GET /version HTTP/1.1\r\nHost: x\r\n\r\n'), /does not speak HTTP\/2/],
  ['with endless headers', Buffer.concat([HELLO, frame(FrameType.Headers, 0, 1, Buffer.alloc(70_000))]), /64 KiB/],
  [
    'that sends and never acknowledges',
    Buffer.concat([HELLO, ...Array<Buffer>(20).fill(frame(0, 0, 1, Buffer.alloc(16_000)))]),
    /too much/,
  ],
])('a client %s is refused alone', async (_what, bytes, reason) => {
  const other = new RawClient();
  other.socket.write(KUBELET_FIRST_CALL);
  const client = new RawClient();
  client.socket.write(bytes);
  await client.closed;
  expect(warnings).toEqual([expect.stringMatching(reason)]);
  expect(await other.answer(1)).toMatchObject({ version: '0.1.0' });
  other.socket.destroy();
});

test('an old client that goes on with endless headers is refused', async () => {
  const client = new RawClient();
  client.socket.write(KUBELET_FIRST_CALL);
  await client.answer(1);
  client.socket.write(frame(FrameType.Headers, 0, 3, Buffer.alloc(70_000)));
  await client.closed;
});

test.each([
  ['old', KUBELET_FIRST_CALL],
  ['current', Buffer.concat([HELLO, SETTINGS_ACK, versionCall(1, currentAuthority)])],
])('the connection of an %s client ends on both sides when it hangs up', async (_age, bytes) => {
  for (const hangUp of ['end', 'destroy'] as const) {
    const client = new RawClient();
    client.socket.write(bytes);
    await client.answer(1);
    const connection = server.connections.at(-1);
    const ended = new Promise((resolve) => connection?.once('close', resolve));
    client.socket[hangUp]();
    await Promise.all([ended, client.closed]);
  }
});

test.each([
  ['old', KUBELET_FIRST_CALL],
  ['current', Buffer.concat([HELLO, SETTINGS_ACK, versionCall(1, currentAuthority)])],
])('an %s client sees the end when the server is stopped', async (_age, bytes) => {
  const client = new RawClient();
  client.socket.write(bytes);
  await client.answer(1);
  server.stop();
  await client.closed;
});

test.each(['localhost', '/run/dockershim.sock'])(
  'a client (%s) that vanishes amid a large answer ends alone',
  async (authority) => {
    for (let n = 0; n < 5; n += 1) {
      let socket: Socket | undefined;
      const session = connectHttp2('http://localhost', { createConnection: () => (socket = connect(path)) });
      session.on('error', () => undefined);
      const stream = session.request({
        ':method': 'POST',
        ':path': version.path,
        ':authority': authority,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const message = VersionRequest.encode({ version: 'z'.repeat(4 << 20) }).finish();
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      stream.on('error', () => undefined).end(Buffer.concat([head, message]));
      await new Promise((resolve) => stream.once('data', resolve));
      const connection = server.connections.at(-1);
      const ended = new Promise((resolve) => connection?.once('close', resolve));
      socket?.destroy();
      await ended;
    }
    const client = new Client(`unix:${path}`, credentials.createInsecure());
    expect(await call(client, 'after')).toMatchObject({ version: 'after' });
    client.close();
  },
);

test('a client that sends its call and its end together leaves nothing open', async () => {
  for (const bytes of [KUBELET_FIRST_CALL, Buffer.concat([HELLO, SETTINGS_ACK, versionCall(1, currentAuthority)])]) {
    const client = new RawClient();
    client.socket.end(bytes);
    await client.closed;
  }
});

test('closing ends what has not called yet, and leaves calls to the server', async () => {
  const idle = new RawClient();
  idle.socket.write(HELLO);
  const active = new RawClient();
  active.socket.write(KUBELET_FIRST_CALL);
  await active.answer(1);
  await listener.close();
  await idle.closed;
  expect(existsSync(path)).toBe(false);
  active.socket.write(versionCall(3, rawAuthority));
  expect(await active.answer(3)).toMatchObject({ version: '0.1.0' });
  active.socket.destroy();
});

test('several endpoints are served; when one cannot be, none is', async () => {
  const [second, third] = [join(directory, 'second.sock'), join(directory, 'third.sock')];
  writeFileSync(third, '');
  const open = (paths: string[]): Promise<CriListener> =>
    CriListener.open({
      endpoints: paths.map((path) => ({ kind: 'path', path })),
      env: {},
      log: silentLog,
      inject: server.inject,
    });
  await expect(open([second, third])).rejects.toThrow(/third\.sock: it is a regular file/);
  expect(existsSync(second)).toBe(false);
  const both = await open([second, join(directory, 'fourth.sock')]);
  for (const name of ['second.sock', 'fourth.sock']) {
    const client = new Client(`unix:${join(directory, name)}`, credentials.createInsecure());
    expect(await call(client, name)).toMatchObject({ version: name });
    client.close();
  }
  await both.close();
});

function call(client: Client, clientVersion: string): Promise<VersionResponse> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      version.path,
      version.requestSerialize,
      version.responseDeserialize,
      { version: clientVersion },
      (error: ServiceError | null, response) =>
        response ? resolve(response) : reject(error ?? new Error('no answer')),
    );
  });
}

function post(session: ClientHttp2Session, authority: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': version.path,
      ':authority': authority,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject);
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    stream.resume();
  });
}

function splitAfterHeaders(bytes: Buffer): [Buffer, Buffer] {
  const end = frameAt(bytes, 0)?.end ?? 0;
  return [bytes.subarray(0, end), bytes.subarray(end)];
}

test('a client is answered beside a crowd that makes no call, and the crowd is cut off', async () => {
  await listener.close();
  const opening = { most: 50, ms: 1000 };
  listener = await CriListener.open({
    endpoints: [{ kind: 'path', path }],
    env: {},
    log: silentLog,
    inject: server.inject,
    opening,
  });
  const crowd: RawClient[] = [];
  while (crowd.length < 2000) {
    const one = new RawClient();
    await new Promise((resolve) => one.socket.once('connect', resolve));
    crowd.push(one);
  }
  // Halfway to a call, and silent.
  for (const { socket } of crowd) socket.write(HELLO);

  const client = new RawClient();
  client.socket.write(KUBELET_FIRST_CALL);
  expect(await client.answer(1)).toMatchObject({ version: '0.1.0' });
  await Promise.all(crowd.map(({ closed }) => closed));
  expect(client.socket.closed).toBe(false);
  client.socket.destroy();
});
