/**
 * How fast the SPDY module is by itself, over TCP on loopback, both ends in this process.
 * npx esbuild test/bench/spdy.ts --bundle --platform=node | node
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { silentLog } from '../../src/lib/log';
import { SpdyConnection } from '../../src/streaming/spdy/connection';
import { encodeDataHead } from '../../src/streaming/spdy/frame-encoder';
import { ReceiveTurns } from '../../src/streaming/spdy/receive-turns';
import type { SpdyStream } from '../../src/streaming/spdy/stream';
import { SpdyClient } from '../support/spdy-client';

const TOTAL = 512 * 1024 * 1024;
const PART = 32 * 1024;

async function client(onStream: (stream: SpdyStream) => void): Promise<SpdyClient> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.close();
    const ctx = { signal: new AbortController().signal, log: silentLog };
    const limits = { maxStreams: 1000, stallMs: undefined };
    const owner = { onStream, onClose: () => undefined };
    new SpdyConnection(ctx, socket, owner, limits, new ReceiveTurns()).start(Buffer.alloc(0));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return new SpdyClient(socket);
}

function report(what: string, started: number, amount: number, unit: string): void {
  const rate = (amount / (performance.now() - started)) * 1000;
  console.log(`${what}: ${rate.toFixed(0)} ${unit}/s, RSS ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
}

async function upload(): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    client((stream) => stream.resume().on('end', resolve)).then(async (peer) => {
      const id = peer.open();
      const frame = Buffer.concat([encodeDataHead(id, false, PART), Buffer.alloc(PART)]);
      for (let sent = 0; sent < TOTAL; sent += PART) {
        if (!peer.socket.write(frame)) await once(peer.socket, 'drain');
      }
      peer.data(id, '', true);
      await once(peer.socket.end(), 'close');
    }, reject);
  });
  const started = performance.now();
  await ended;
  report('client to server', started, TOTAL / 1e6, 'MB');
}

async function download(part: number): Promise<void> {
  const total = part < 1024 ? TOTAL / 32 : TOTAL;
  const peer = await client((stream) => {
    const chunk = Buffer.alloc(part);
    let left = total / part;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!stream.write(chunk)) return void stream.once('drain', more);
      }
      stream.end();
    };
    more();
  });
  peer.socket.removeAllListeners('data').resume();
  let got = 0;
  const started = performance.now();
  peer.socket.on('data', (chunk: Buffer) => (got += chunk.length));
  peer.open();
  while (got < total) await once(peer.socket, 'data');
  report(`server to client in writes of ${part} bytes`, started, total / 1e6, 'MB');
  peer.socket.destroy();
}

async function manyStreams(): Promise<void> {
  const count = 5_000;
  const peer = await client((stream) => stream.resume().end());
  const started = performance.now();
  for (let index = 0; index < count; index += 1) {
    const id = peer.open({ streamtype: 'data', port: '80', requestid: `${index}` }, { fin: true });
    await peer.until(() => peer.heard(id).ended);
  }
  report('streams opened and ended one after another', started, count, 'streams');
  peer.socket.destroy();
}

async function main(): Promise<void> {
  await upload();
  await download(64 * 1024);
  await download(128);
  await manyStreams();
}

void main();
