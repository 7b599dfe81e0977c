/**
 * How fast the demultiplexer takes a container's output apart, beside docker-modem's, on frames of 128 bytes (a log line
 * each) in chunks of 64 KiB, as they come off a socket.
 * npx esbuild test/bench/demultiplexer.ts --bundle --platform=node --external:docker-modem | node
 */
import Modem from 'docker-modem';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Demultiplexer } from '../../src/docker/demultiplexer';

const FRAME = 128;
const CHUNK = 64 * 1024;
/** docker-modem copies all that it has not taken apart yet at each frame: it gets less to do. */
const CHUNKS = { ours: 8192, theirs: 256 };

function chunk(): Buffer {
  const frame = Buffer.alloc(8 + FRAME, 'x');
  frame.writeUInt32BE(0x01000000, 0);
  frame.writeUInt32BE(FRAME, 4);
  return Buffer.alloc(CHUNK, Buffer.concat([frame]));
}

/** Whole frames only: the last one of each chunk is left out. */
const chunks = (count: number): Buffer[] => {
  const whole = chunk().subarray(0, Math.floor(CHUNK / (8 + FRAME)) * (8 + FRAME));
  return Array.from({ length: count }, () => whole);
};

function ours(count: number): number {
  let taken = 0;
  const demultiplexer = new Demultiplexer((_stream, part) => (taken += part.length));
  for (const one of chunks(count)) demultiplexer.push(one);
  return taken;
}

async function theirs(count: number): Promise<number> {
  let taken = 0;
  const sink = new Writable({
    write(part: Buffer, _encoding, done) {
      taken += part.length;
      done();
    },
  });
  const source = new PassThrough();
  new Modem().demuxStream(source, sink, sink);
  await pipeline(chunks(count), source);
  return taken;
}

async function report(what: string, work: () => number | Promise<number>): Promise<void> {
  const began = performance.now();
  const bytes = await work();
  console.log(`${what}: ${(bytes / 1000 / (performance.now() - began)).toFixed(0)} MB/s`);
}

async function main(): Promise<void> {
  ours(64);
  await report('demultiplexer', () => ours(CHUNKS.ours));
  await theirs(8);
  await report('docker-modem demuxStream', () => theirs(CHUNKS.theirs));
}

void main();
