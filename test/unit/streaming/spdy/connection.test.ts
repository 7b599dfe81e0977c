import { encodeControl } from '../../../../src/streaming/spdy/frame-encoder';
import { GoAwayStatus, ResetStatus } from '../../../../src/streaming/spdy/frames';
import { SpdyProtocolError } from '../../../../src/streaming/spdy/protocol-error';
import type { SpdyClient } from '../../../support/spdy-client';
import { closeAll, echo, serve } from './served';

afterEach(() => {
  jest.useRealTimers();
  closeAll();
});

/** Sockets need none of these; the connection's own timers are setTimeout and setInterval. */
const REAL = ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] as const;

describe('a SPDY connection', () => {
  it('is silent until the peer has spoken, and reads what came with the upgrade', async () => {
    const quiet = await serve({ onStream: echo });
    let heard = 0;
    quiet.client.socket.on('data', (chunk: Buffer) => (heard += chunk.length));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(heard).toBe(0);

    const { client } = await serve({ head: encodeControl({ type: 'PING', id: 7 }) });
    await client.until(() => client.control.length > 0);
    expect(client.control).toEqual([{ type: 'PING', id: 7 }]);
  });

  it('answers the PINGs of the peer and not its answers', async () => {
    const { client } = await serve();
    client.frame({ type: 'PING', id: 2 });
    await client.roundTrip(5);
    expect(client.control).toEqual([{ type: 'PING', id: 5 }]);
  });

  it('ignores SETTINGS, WINDOW_UPDATE and a SYN_REPLY that nobody asked for', async () => {
    const { client } = await serve({ onStream: echo });
    client.frame({ type: 'SETTINGS', clear: false, settings: [{ flags: 0, id: 7, value: 1 }] });
    client.frame({ type: 'WINDOW_UPDATE', streamId: 1, delta: 1 });
    const id = client.open();
    client.data(id, Buffer.alloc(100_000, 'x'), true);
    await client.until(() => client.heard(id).ended);
    expect(client.bytes(id)).toHaveLength(100_000);
  });

  it('carries 200 streams at once, byte for byte', async () => {
    const { client, streams } = await serve({ onStream: echo });
    const ids = Array.from({ length: 200 }, () => client.open());
    for (let part = 0; part < 5; part += 1) {
      for (const id of ids) client.data(id, Buffer.alloc(10_000, `${id}.${part} `), part === 4);
    }
    await client.until(() => ids.every((id) => client.heard(id).ended));
    for (const id of ids) {
      const sent = Array.from({ length: 5 }, (_, part) => Buffer.alloc(10_000, `${id}.${part} `));
      expect(client.bytes(id).equals(Buffer.concat(sent))).toBe(true);
    }
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
  });

  it('refuses streams over its bound, and takes new ones when others have gone', async () => {
    const { client } = await serve({ onStream: echo, maxStreams: 2 });
    const [one, , three] = [client.open(), client.open(), client.open()];
    client.data(one, '', true);
    await client.until(() => client.heard(one).ended);
    await client.roundTrip();
    const four = client.open();
    client.data(four, '', true);
    await client.until(() => client.heard(four).ended);
    expect(client.heard(three)).toMatchObject({ replied: false, reset: ResetStatus.refusedStream });
  });

  it('refuses a stream id that was used or passed over, and leaves the others alone', async () => {
    const { client, streams } = await serve({ onStream: echo });
    client.open({}, { id: 5 });
    client.open({}, { id: 3 });
    client.open({}, { id: 7, unidirectional: true });
    client.data(5, 'mine', true);
    await client.until(() => client.heard(5).ended);
    expect(client.bytes(5).toString()).toBe('mine');
    expect(client.heard(3).reset).toBe(ResetStatus.protocolError);
    expect(client.heard(7).reset).toBe(ResetStatus.refusedStream);
    expect(streams).toHaveLength(1);
  });

  it.each<[string, (client: SpdyClient) => unknown]>([
    ["a stream with a server's number", (client) => client.open({}, { id: 8 })],
    [
      'a header block that is no zlib',
      (client) => client.frame({ type: 'HEADERS', streamId: 1, fin: false, block: Buffer.from('junk') }),
    ],
    ['headers in upper case', (client) => client.open({ Port: '80' })],
    ['data for stream 0', (client) => client.data(0, 'x')],
    ['version 2', (client) => client.socket.write(Buffer.from('8002000600000004', 'hex'))],
  ])('ends on %s, and no other connection does', async (_what, offend) => {
    const other = await serve({ onStream: echo });
    const { client, streams, closes, closed } = await serve({ onStream: echo });
    client.open();
    await client.roundTrip();
    offend(client);
    client.open();
    await closed();
    expect(closes).toEqual([expect.any(SpdyProtocolError)]);
    expect(streams.map((stream) => stream.destroyed)).toEqual([true]);
    await client.until(() => client.left);
    expect(client.control.at(-1)).toEqual({
      type: 'GOAWAY',
      lastGoodStreamId: 1,
      status: GoAwayStatus.protocolError,
    });
    await other.client.roundTrip();
    expect(other.client.left).toBe(false);
  });

  it('takes no new streams after GOAWAY, but lets the open ones end', async () => {
    const { client, closes, closed } = await serve({ onStream: echo });
    const id = client.open();
    client.frame({ type: 'GOAWAY', lastGoodStreamId: 0, status: GoAwayStatus.ok });
    const late = client.open();
    client.data(id, 'the rest', true);
    await client.until(() => client.heard(id).ended);
    expect(client.bytes(id).toString()).toBe('the rest');
    expect(client.heard(late).reset).toBe(ResetStatus.refusedStream);
    client.socket.end();
    await closed();
    expect(closes).toEqual([undefined]);
  });

  it('waits for the peer to leave first when it is closed, but not for ever', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
    const { client, connection, streams, closes, closed } = await serve({ onStream: (stream) => stream.reply() });
    client.open();
    await client.roundTrip();
    connection.close();
    await client.roundTrip();
    expect(client.control.some((frame) => frame.type === 'GOAWAY')).toBe(false);
    jest.advanceTimersByTime(3_000);
    await client.until(() => client.control.at(-1)?.type === 'GOAWAY');
    await closed();
    expect(closes).toEqual([undefined]);
    expect(streams[0]?.destroyed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('closes its socket also when the peer neither reads nor leaves', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
    const { client, streams, abort, closed, closes } = await serve({ onStream: (stream) => stream.reply() });
    client.open();
    await client.roundTrip();
    client.socket.pause();
    streams[0]?.write(Buffer.alloc(64 * 1024 * 1024), () => undefined);
    abort.abort();
    await new Promise((resolve) => setImmediate(resolve));
    jest.advanceTimersByTime(2_000);
    await closed();
    expect(closes).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('frees its streams when the peer vanishes', async () => {
    const { client, streams, closes, closed } = await serve({ onStream: echo });
    client.open();
    client.open();
    await client.roundTrip();
    client.socket.destroy();
    await closed();
    expect(closes).toHaveLength(1);
    expect(streams.map((stream) => stream.destroyed)).toEqual([true, true]);
  });

  it('ends with its context', async () => {
    const { client, abort, streams, closed } = await serve({ onStream: echo });
    client.open();
    await client.roundTrip();
    abort.abort();
    await closed();
    expect(client.control.at(-1)).toEqual({ type: 'GOAWAY', lastGoodStreamId: 1, status: GoAwayStatus.ok });
    expect(streams[0]?.destroyed).toBe(true);
  });

  it('counts its idle time from the last data, whatever PINGs come', async () => {
    const { client, connection } = await serve({ onStream: echo });
    const id = client.open();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await client.roundTrip();
    const idle = connection.idleMs;
    expect(idle).toBeGreaterThan(15);
    client.data(id, 'x');
    await client.until(() => client.bytes(id).length === 1);
    expect(connection.idleMs).toBeLessThan(idle);
  });

  it('hears an error of its socket', async () => {
    const { socket, closes, closed } = await serve();
    socket.destroy(new Error('cable cut'));
    await closed();
    expect(closes).toEqual([new Error('cable cut')]);
  });
});
