import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { relay, type RelayOptions } from '../../../../src/container/remote-command/relay';
import { HijackedSocket } from '../../../../src/docker/hijacked-socket';
import { ShimError } from '../../../../src/lib/errors';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';
import { until } from '../../../support/until';

/** The engine's end of a hijacked connection, and the shim's. */
async function aConnection(): Promise<{ engine: Socket; connection: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [engine] = (await once(server, 'connection')) as [Socket];
  engine.on('error', () => undefined);
  server.close();
  return { engine, connection };
}

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const MIB = 1024 * 1024;
const plain: RelayOptions = { tty: false, passInputEnd: true, stallMs: undefined };

let engine: Socket;
let connection: Socket;

beforeEach(async () => {
  ({ engine, connection } = await aConnection());
});

afterEach(() => {
  engine.destroy();
  connection.destroy();
});

it('takes the two outputs apart, wherever their frames are cut', async () => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const end = relay(connection, { stdin: undefined, stdout, stderr }, plain, aCall().ctx);
  for (const byte of Buffer.concat([frame(1, 'out '), frame(2, 'err '), frame(1, 'more')])) {
    engine.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  engine.end();
  expect(await end).toBe('ended');
  expect([String(stdout.read()), String(stderr.read())]).toEqual(['out more', 'err ']);
});

it('throws away what the client does not want', async () => {
  const stdout = new PassThrough();
  const end = relay(connection, { stdin: undefined, stdout, stderr: undefined }, plain, aCall().ctx);
  engine.end(Buffer.concat([frame(2, 'err'), frame(1, 'out')]));
  expect(await end).toBe('ended');
  expect(String(stdout.read())).toBe('out');
});

it.each([
  [true, true],
  [false, false],
])('passes the input on, and with passInputEnd %s its end too', async (passInputEnd, ended) => {
  const stdin = new PassThrough();
  const end = relay(
    connection,
    { stdin, stdout: undefined, stderr: undefined },
    { ...plain, passInputEnd },
    aCall().ctx,
  );
  const heard: string[] = [];
  engine.on('data', (bytes) => heard.push(String(bytes)));
  let sawEnd = false;
  engine.on('end', () => (sawEnd = true));
  stdin.end('words');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([heard.join(''), sawEnd]).toEqual(['words', ended]);
  engine.end();
  await end;
});

it('writes in one go what input comes together, however short its parts are', async () => {
  // Until it is connected Node itself keeps the writes together.
  if (connection.connecting) await once(connection, 'connect');
  const stdin = new PassThrough();
  const calls = [jest.spyOn(connection, '_write'), jest.spyOn(connection, '_writev' as '_write')];
  const end = relay(connection, { stdin, stdout: undefined, stderr: undefined }, plain, aCall().ctx);
  let heard = '';
  engine.on('data', (bytes) => (heard += String(bytes)));
  for (let count = 0; count < 100; count += 1) stdin.write('x');
  await until(() => heard.length === 100);
  expect(calls.map((call) => call.mock.calls.length).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(2);
  engine.end();
  await end;
});

it('reads no more from the engine while the client takes nothing', async () => {
  const stdout = new PassThrough();
  const end = relay(connection, { stdin: undefined, stdout, stderr: undefined }, { ...plain, tty: true }, aCall().ctx);
  let sent = 0;
  const part = Buffer.alloc(256 * 1024);
  const push = (): void => {
    while (engine.write(part)) sent += part.length;
  };
  engine.on('drain', push);
  push();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(connection.bytesRead).toBeLessThan(1024 * 1024);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  engine.off('drain', push);
  stdout.resume();
  engine.end();
  expect(await end).toBe('ended');
});

it('gives a client up that leaves output unread for too long', async () => {
  const stdout = new PassThrough();
  const options = { ...plain, tty: true, stallMs: 50 };
  const end = relay(connection, { stdin: undefined, stdout, stderr: undefined }, options, aCall().ctx);
  engine.write(Buffer.alloc(256 * 1024));
  expect(await refusalOf(end)).toBe('DeadlineExceeded: the client left the output unread for 0.05 s');
  expect(connection.destroyed).toBe(true);
});

it.each([
  ['an error of the engine', frame(3, 'out of coffee'), 'Internal: docker: out of coffee'],
  ['nonsense', Buffer.alloc(8, 0x58), 'Unavailable: docker broke the connection off: not a multiplexed output stream'],
])('fails on %s', async (_what, bytes, why) => {
  const end = relay(connection, { stdin: undefined, stdout: undefined, stderr: undefined }, plain, aCall().ctx);
  engine.write(bytes);
  expect(await refusalOf(end)).toContain(why);
});

it('takes a reset for the end: the engine closes so when it has input unread', async () => {
  const stdout = new PassThrough();
  const end = relay(connection, { stdin: undefined, stdout, stderr: undefined }, { ...plain, tty: true }, aCall().ctx);
  engine.write('last');
  await once(stdout, 'readable');
  engine.resetAndDestroy();
  expect(await end).toBe('ended');
  expect(String(stdout.read())).toBe('last');
});

it('hands on what waits for the client when the reset comes', async () => {
  const stdout = new PassThrough({ highWaterMark: 1 });
  const end = relay(connection, { stdin: undefined, stdout, stderr: undefined }, { ...plain, tty: true }, aCall().ctx);
  engine.write('first, ');
  await until(() => connection.isPaused());
  engine.write('last');
  await until(() => connection.readableLength > 0);
  engine.resetAndDestroy();
  expect(await end).toBe('ended');
  expect(String(stdout.read())).toBe('first, last');
});

describe('when the client goes', () => {
  it('closes the input, and sees that the command is silent', async () => {
    const call = aCall();
    const end = relay(connection, { stdin: undefined, stdout: undefined, stderr: undefined }, plain, call.ctx);
    call.cancel();
    await once(engine.resume(), 'end');
    expect(await end).toBe('left silent');
    expect(connection.destroyed).toBe(true);
  });

  it('sees that the command goes on writing', async () => {
    const call = aCall();
    const end = relay(connection, { stdin: undefined, stdout: undefined, stderr: undefined }, plain, call.ctx);
    call.cancel();
    engine.write(frame(1, 'still here'));
    expect(await end).toBe('left writing');
  });

  it('does not wait for a client that was not reading', async () => {
    const call = aCall();
    const streams = { stdin: undefined, stdout: new PassThrough(), stderr: undefined };
    const end = relay(connection, streams, { ...plain, tty: true }, call.ctx);
    engine.write(Buffer.alloc(1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 50));
    call.cancel();
    expect(await end).toBe('left writing');
  });
});

it('lets go at once when the shim stops', async () => {
  const controller = new AbortController();
  const ctx = { ...aCall().ctx, signal: controller.signal };
  const end = relay(connection, { stdin: undefined, stdout: undefined, stderr: undefined }, plain, ctx);
  controller.abort(new ShimError('Unavailable', 'the shim is stopping'));
  expect(await end).toBe('left silent');
});

describe('an engine that closes while it has input unread', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'relay-'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** Hears of the first input, never reads it, and closes when it has said all. Docker is on a unix socket too. */
  async function anEngineThatSays(output: Buffer, firstInput: Buffer): Promise<HijackedSocket> {
    const path = join(directory, 'docker.sock');
    const server = createServer({ pauseOnConnect: true }).listen(path);
    await once(server, 'listening');
    const hijacked = new HijackedSocket();
    hijacked.connect(path);
    const [socket] = (await once(server, 'connection')) as [Socket];
    server.close();
    if (firstInput.length > 0) await new Promise((resolve) => hijacked.write(firstInput, resolve));
    socket.on('error', () => undefined).write(output, () => socket.destroy());
    return hijacked;
  }

  /** Takes a moment over each part. */
  function aSlowClient(highWaterMark: number, delayMs: number): { stdout: Writable; got: () => number } {
    let got = 0;
    const write = (part: Buffer, _encoding: BufferEncoding, done: () => void): void => {
      got += part.length;
      setTimeout(done, delayMs);
    };
    return { stdout: new Writable({ highWaterMark, write }), got: () => got };
  }

  const endlessInput = (): Readable =>
    new Readable({
      read() {
        setImmediate(() => this.push(Buffer.alloc(64 * 1024)));
      },
    });

  const none = (): Readable => Readable.from([]);
  const some = (): Readable => Readable.from([Buffer.alloc(300_000)]);

  it.each([
    ['goes on sending', 0, endlessInput, 4 * MIB, 64 * 1024, 2],
    ['goes on sending', 0, endlessInput, MIB / 8, 1, 1],
    ['has sent before, and goes on', 9, endlessInput, MIB / 8, 1, 1],
    ['has more to send than the kernel takes', 0, some, MIB / 8, 1, 1],
    ['has sent all', 9, none, 4 * MIB, 64 * 1024, 2],
    ['has sent all', 9, none, MIB / 8, 1, 1],
  ])('loses no output of a slow client that %s', async (_what, sent, input, length, highWaterMark, delayMs) => {
    const hijacked = await anEngineThatSays(Buffer.alloc(length, 'o'), Buffer.alloc(sent));
    const { stdout, got } = aSlowClient(highWaterMark, delayMs);
    const stdin = input();
    const end = relay(hijacked, { stdin, stdout, stderr: undefined }, { ...plain, tty: true }, aCall().ctx);
    expect(await end).toBe('ended');
    stdin.destroy();
    await once(stdout.end(), 'finish');
    expect(got()).toBe(length);
    expect(hijacked.destroyed).toBe(true);
  });
});
