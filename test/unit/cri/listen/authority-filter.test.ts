import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { filterAuthority } from '../../../../src/cri/listen/authority-filter';
import { frame, HELLO } from './http2-client-bytes';

let directory: string;
let server: Server;
let client: Socket;
let accepted: Socket;
let filtered: Duplex;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'filter-'));
  const path = join(directory, 'x.sock');
  // Half-open sockets show that the filter itself carries each end across.
  server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connection = new Promise<Socket>((resolve) => server.once('connection', resolve));
  client = connect({ path, allowHalfOpen: true }).on('error', () => undefined);
  accepted = await connection;
  filtered = filterAuthority(accepted);
});

afterEach(() => {
  client.destroy();
  filtered.destroy();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

test('each direction ends by itself', async () => {
  const heard = textOf(client);
  const said = textOf(filtered);
  client.end(HELLO);
  expect(await said).toBe(HELLO.toString('latin1'));
  filtered.write('good');
  filtered.end('bye');
  expect(await heard).toBe('goodbye');
});

test('a client that is not read from is not drained, and goes on when it is', async () => {
  const body = frame(0, 0, 1, Buffer.alloc(8 << 20));
  let flushed = false;
  client.write(HELLO);
  client.write(body, () => (flushed = true));
  filtered.once('readable', () => undefined);
  while (!accepted.isPaused()) await sleep(5);
  await sleep(50);
  expect(flushed).toBe(false);
  expect(filtered.readableLength).toBeLessThan(1 << 20);
  client.end();
  let length = 0;
  for await (const chunk of filtered) length += (chunk as Buffer).length;
  expect(length).toBe(HELLO.length + body.length);
});

test('a client that does not read is not written to without end', async () => {
  client.pause();
  while (filtered.write(Buffer.alloc(64 << 10))) await sleep(0);
  expect(accepted.writableLength).toBeLessThan(1 << 20);
  filtered.end();
  const drained = new Promise((resolve) => filtered.once('finish', resolve));
  client.resume();
  await drained;
});

test('a socket that closes closes the filter', async () => {
  const closed = new Promise((resolve) => filtered.once('close', resolve));
  accepted.destroy();
  await closed;
  expect(filtered.destroyed).toBe(true);
});

test('a socket that fails fails the filter with its error', async () => {
  const failed = new Promise((resolve) => filtered.once('error', resolve));
  accepted.destroy(new Error('ECONNRESET'));
  expect(await failed).toMatchObject({ message: 'ECONNRESET' });
});

test('destroying the filter closes the connection', async () => {
  const closed = new Promise((resolve) => client.once('end', resolve));
  client.resume();
  filtered.destroy();
  await closed;
  expect(accepted.destroyed).toBe(true);
});

/** What a stream says until it ends. Unlike iteration, this leaves its writable side open. */
function textOf(stream: Duplex): Promise<string> {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return new Promise((resolve) => stream.once('end', () => resolve(text)));
}
