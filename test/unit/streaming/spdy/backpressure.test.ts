import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { silentLog } from '../../../../src/lib/log';
import { SpdyConnection } from '../../../../src/streaming/spdy/connection';
import { encodeControl, encodeDataHead } from '../../../../src/streaming/spdy/frame-encoder';
import { ResetStatus } from '../../../../src/streaming/spdy/frames';
import { CONNECTION_BUDGET, ReceiveBudget, STREAM_BUDGET } from '../../../../src/streaming/spdy/receive-budget';
import { ReceiveTurns } from '../../../../src/streaming/spdy/receive-turns';
import { closeAll, echo, received, serve } from './served';
import { until } from '../../../support/until';

afterEach(() => {
  jest.useRealTimers();
  closeAll();
});

const MIB = 1024 * 1024;

/** Waits until a number has stayed the same for a while. */
async function standstill(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a stream that nobody reads', () => {
  it('holds up the connection at its bound, and nothing is lost when the reader comes', async () => {
    const { client, streams, socket } = await serve();
    const id = client.open();
    const sent = createHash('sha256');
    for (let index = 0; index < 1024; index += 1) {
      const part = Buffer.alloc(32 * 1024, `${index} `);
      sent.update(part);
      client.data(id, part, index === 1023);
    }
    await until(() => socket.isPaused());
    expect(socket.bytesRead).toBeGreaterThan(STREAM_BUDGET / 2);
    expect(socket.bytesRead).toBeLessThan(STREAM_BUDGET + 256 * 1024);

    const got = createHash('sha256');
    streams[0]?.on('data', (part: Buffer) => got.update(part));
    await once(streams[0]!, 'end');
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  it('is reset when it has held up the others for too long', async () => {
    const { client } = await serve({
      onStream: (stream) => (stream.headers.has('stall') ? stream.reply() : echo(stream)),
      stallMs: 50,
    });
    const stalled = client.open({ stall: 'yes' });
    client.data(stalled, Buffer.alloc(8 * MIB));
    const running = client.open();
    client.data(running, 'running', true);
    await client.until(() => client.heard(running).ended);
    expect(client.bytes(running).toString()).toBe('running');
    expect(client.heard(stalled).reset).toBe(ResetStatus.flowControlError);
  });

  it('does not disturb the others below its bound', async () => {
    const { client } = await serve({
      onStream: (stream) => (stream.headers.has('stall') ? stream.reply() : echo(stream)),
    });
    const stalled = client.open({ stall: 'yes' });
    client.data(stalled, Buffer.alloc(STREAM_BUDGET / 2));
    const running = client.open();
    client.data(running, Buffer.alloc(4 * MIB), true);
    await client.until(() => client.heard(running).ended);
    expect(client.bytes(running)).toHaveLength(4 * MIB);
  });

  it('cannot take more memory by tiny frames', async () => {
    const { client, socket } = await serve();
    const id = client.open();
    for (let index = 0; index < 100_000; index += 1) client.data(id, 'x');
    await until(() => socket.isPaused());
    expect(socket.bytesRead).toBeLessThan(100_000);
  });

  it('does not hide that the peer has gone', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'setTimeout'] });
    const { client, socket, closes, streams } = await serve();
    const id = client.open();
    client.data(id, Buffer.alloc(8 * MIB));
    await until(() => socket.isPaused());
    client.socket.destroy();
    await standstill(() => closes.length);
    expect(closes).toHaveLength(0);
    for (let probe = 0; probe < 50 && closes.length === 0; probe += 1) {
      jest.advanceTimersByTime(5_000);
      await standstill(() => closes.length);
    }
    expect(closes).toHaveLength(1);
    expect(streams[0]?.destroyed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('frees the connection when it is destroyed', async () => {
    const { client, streams, socket } = await serve();
    const id = client.open();
    client.data(id, Buffer.alloc(8 * MIB));
    await until(() => socket.isPaused());
    streams[0]?.destroy();
    await client.roundTrip();
    expect(socket.isPaused()).toBe(false);
  });
});

describe('a peer that does not read', () => {
  it('stops the writers, who take turns when it reads again', async () => {
    const { client, streams, socket } = await serve({ onStream: (stream) => stream.reply() });
    const ids = [client.open(), client.open()];
    await client.roundTrip();
    client.socket.pause();
    const chunk = Buffer.alloc(64 * 1024);
    const written = streams.map((stream) => {
      const sum = { bytes: 0 };
      const more = (): void => {
        while (sum.bytes < 32 * MIB) {
          sum.bytes += chunk.length;
          if (!stream.write(chunk)) return void stream.once('drain', more);
        }
        stream.end();
      };
      more();
      return sum;
    });
    await standstill(() => written[0]!.bytes + written[1]!.bytes);
    expect(written[0]!.bytes).toBeLessThan(32 * MIB);
    expect(Math.abs(written[0]!.bytes - written[1]!.bytes)).toBeLessThan(256 * 1024);
    expect(socket.writableLength).toBeLessThan(256 * 1024);
    client.socket.resume();
    await client.until(() => ids.every((id) => client.heard(id).ended));
    expect(ids.map((id) => client.bytes(id).length)).toEqual([32 * MIB, 32 * MIB]);
  });

  it('is not listened to when the answers to its PINGs pile up', async () => {
    const [near, far] = duplexPair();
    const ctx = { signal: new AbortController().signal, log: silentLog };
    const owner = { onStream: () => undefined, onClose: () => undefined };
    const limits = { maxStreams: 1, stallMs: undefined };
    new SpdyConnection(ctx, near, owner, limits, new ReceiveTurns()).start(Buffer.alloc(0));
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => encodeControl({ type: 'PING', id: 1 })));
    for (let index = 0; index < 100; index += 1) far.write(pings);
    await until(() => near.isPaused());
    expect(near.writableLength).toBeLessThan(512 * 1024);
    let answered = 0;
    far.on('data', (part: Buffer) => (answered += part.length));
    while (answered < 100 * pings.length) await once(far, 'data');
    expect(near.isPaused()).toBe(false);
    near.destroy();
  });
});

describe('peers that send nothing but short frames', () => {
  let timer: NodeJS.Immediate;
  afterEach(() => clearImmediate(timer));

  /** Counts what happens in each turn of the event loop. */
  function eachTurn(): { turn: () => number; count: () => void; most: () => number } {
    const counts = [0];
    const tick = (): void => {
      counts.push(0);
      timer = setImmediate(tick);
    };
    timer = setImmediate(tick);
    return {
      turn: () => counts.length,
      count: () => (counts[counts.length - 1]! += 1),
      most: () => Math.max(...counts),
    };
  }

  it('leave others their turn, however many control frames come in one read', async () => {
    const { count, most } = eachTurn();
    const { client, streams } = await serve({ maxStreams: 3000, onStream: count });
    client.socket.cork();
    const ids = Array.from({ length: 3000 }, () => client.open());
    client.data(ids[2999]!, 'last', true);
    client.socket.uncork();
    await client.roundTrip();
    expect(most()).toBeLessThanOrEqual(64);
    expect(streams.map(({ id }) => id)).toEqual(ids);
    expect(await received(streams[2999]!)).toBe('last');
  });

  /** A frame of data for the first stream, so many times. */
  const tiny = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, () => Buffer.concat([encodeDataHead(1, false, 1), Buffer.from('x')])));

  it('leave others their turn, however many single bytes come in one read', async () => {
    const { count, most } = eachTurn();
    let text: Promise<string> | undefined;
    const { client } = await serve({
      onStream: (stream) => {
        text = received(stream.on('data', count));
      },
    });
    const id = client.open();
    client.socket.write(tiny(20_000));
    client.data(id, '', true);
    await client.roundTrip();
    expect(await text).toBe('x'.repeat(20_000));
    expect(most()).toBeLessThanOrEqual(256);
  });

  it('leave others their turn, however many frames of a type that nobody knows come in one read', async () => {
    const { turn } = eachTurn();
    const opened: number[] = [];
    const { client } = await serve({ onStream: () => opened.push(turn()) });
    client.socket.cork();
    client.open();
    client.socket.write(Buffer.concat(Array.from({ length: 6_400 }, () => Buffer.from('8003006300000000', 'hex'))));
    client.open();
    client.socket.uncork();
    await client.roundTrip();
    expect(opened[1]! - opened[0]!).toBeGreaterThanOrEqual(90);
  });

  it('leave others their turn together as each by itself', async () => {
    const { count, most } = eachTurn();
    const turns = new ReceiveTurns();
    const all = await Promise.all(
      Array.from({ length: 16 }, () => serve({ turns, onStream: (stream) => stream.on('data', count) })),
    );
    for (const { client } of all) client.open();
    await Promise.all(all.map(({ client }) => client.roundTrip()));
    for (const { client } of all) client.socket.write(tiny(5_000));
    await Promise.all(all.map(({ client }) => client.roundTrip()));
    // The first of them don't know yet how many will come.
    expect(most()).toBeLessThanOrEqual(4 * 256);
  });
});

describe('a slow reader', () => {
  it('gets everything, however often it pauses', async () => {
    let length: Promise<number> | undefined;
    const { client, streams } = await serve({
      onStream: (stream) => {
        length = received(stream).then((text) => text.length);
      },
    });
    const id = client.open();
    await client.roundTrip();
    const pauses = setInterval(() => (streams[0]?.isPaused() ? streams[0].resume() : streams[0]?.pause()), 2);
    client.data(id, Buffer.alloc(15 * MIB, 'x'), true);
    expect(await length).toBe(15 * MIB);
    clearInterval(pauses);
  });
});

describe('the receive budget', () => {
  it('is spent by one full stream or by all together, and comes back', () => {
    const budget = new ReceiveBudget();
    budget.change(1, STREAM_BUDGET - 1);
    expect(budget.spent).toBe(false);
    budget.change(1, 1);
    expect(budget.spent).toBe(true);
    budget.change(1, -STREAM_BUDGET);
    expect([budget.spent, budget.largest()]).toEqual([false, undefined]);

    const share = STREAM_BUDGET / 2;
    for (let id = 1; id < (2 * CONNECTION_BUDGET) / STREAM_BUDGET; id += 1) budget.change(id, share);
    expect(budget.spent).toBe(false);
    budget.change(3, 1);
    budget.change(999, share);
    expect([budget.spent, budget.largest()]).toEqual([true, 3]);
  });
});
