import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { SpdyStream } from '../../../../src/streaming/spdy/stream';
import { ResetStatus } from '../../../../src/streaming/spdy/frames';
import { closeAll, echo, received, serve } from './served';

afterEach(closeAll);

function first(streams: readonly SpdyStream[]): SpdyStream {
  const [stream] = streams;
  if (stream === undefined) throw new Error('no stream');
  return stream;
}

describe('a SPDY stream', () => {
  it('carries headers and data, and ends when both sides have ended', async () => {
    const { client, streams } = await serve();
    const id = client.open({ streamtype: 'data', port: '80' });
    await client.roundTrip();
    const stream = first(streams);
    expect([...stream.headers]).toEqual([
      ['streamtype', 'data'],
      ['port', '80'],
    ]);
    stream.reply();
    client.data(id, 'question', true);
    expect(await received(stream)).toBe('question');
    expect(stream.destroyed).toBe(false);
    stream.write('ans');
    stream.end('wer');
    await once(stream, 'close');
    await client.until(() => client.heard(id).ended);
    expect(client.bytes(id).toString()).toBe('answer');
    expect(client.heard(id)).toMatchObject({ replied: true, reset: undefined });
  });

  it('goes on receiving after it has ended its own side', async () => {
    const { client, streams } = await serve();
    const id = client.open();
    await client.roundTrip();
    first(streams).end();
    await client.until(() => client.heard(id).ended);
    client.data(id, 'late', true);
    expect(await received(first(streams))).toBe('late');
  });

  it('keeps what arrives before there is a reader, in order', async () => {
    const { client, streams } = await serve();
    const id = client.open();
    for (let index = 0; index < 100; index += 1) client.data(id, `${index},`);
    client.data(id, '', true);
    await client.roundTrip();
    expect(await received(first(streams))).toBe(Array.from({ length: 100 }, (_, index) => `${index},`).join(''));
  });

  it('replies before it writes, whatever its owner does', async () => {
    const { client } = await serve({ onStream: (stream) => stream.write('early') });
    const id = client.open();
    await client.until(() => client.bytes(id).length > 0);
    expect(client.heard(id).replied).toBe(true);
  });

  it('is refused by a reset without a reply', async () => {
    const { client, streams } = await serve({ onStream: (stream) => stream.reset() });
    const id = client.open();
    await client.until(() => client.heard(id).reset !== undefined);
    expect(client.heard(id)).toMatchObject({ replied: false, reset: ResetStatus.cancel });
    expect(first(streams).destroyed).toBe(true);
  });

  it('is destroyed without an error when the peer resets it, and the others go on', async () => {
    const { client, streams } = await serve({ onStream: echo });
    const victim = client.open();
    const other = client.open();
    await client.roundTrip();
    const error = finished(first(streams)).catch((reason: NodeJS.ErrnoException) => reason.code);
    client.frame({ type: 'RST_STREAM', streamId: victim, status: ResetStatus.cancel });
    expect(await error).toBe('ERR_STREAM_PREMATURE_CLOSE');
    client.data(other, 'still here', true);
    await client.until(() => client.heard(other).ended);
    expect(client.bytes(other).toString()).toBe('still here');
    expect(client.heard(victim).reset).toBeUndefined();
  });

  it('tells the peer when its owner destroys it half-way, and its waiting writer', async () => {
    const { client, streams } = await serve();
    const id = client.open();
    await client.roundTrip();
    client.socket.pause();
    const written = new Promise<Error | null | undefined>((resolve) => {
      first(streams).write(Buffer.alloc(64 * 1024 * 1024), resolve);
    });
    first(streams).destroy();
    expect(await written).toBeInstanceOf(Error);
    client.socket.resume();
    await client.until(() => client.heard(id).reset === ResetStatus.cancel);
  });

  it('drops what comes after the FIN, and what comes for a stream that is gone', async () => {
    const { client, streams } = await serve();
    const id = client.open({}, { fin: true });
    client.data(id, 'too late');
    client.data(99, 'for nobody');
    await client.roundTrip();
    expect(await received(first(streams))).toBe('');
    expect(streams).toHaveLength(1);
  });

  it('can be ended by a HEADERS frame', async () => {
    const { client, streams } = await serve();
    const id = client.open();
    client.data(id, 'body');
    client.headers(id, { trailer: 'x' }, true);
    await client.roundTrip();
    expect(await received(first(streams))).toBe('body');
  });

  it('is reset when its owner throws, and the connection goes on', async () => {
    const { client } = await serve({
      onStream: (stream) => {
        if (stream.headers.has('bad')) throw new Error('a bug');
        echo(stream);
      },
    });
    const bad = client.open({ bad: 'yes' });
    const good = client.open();
    client.data(good, 'fine', true);
    await client.until(() => client.heard(good).ended);
    expect(client.heard(bad).reset).toBe(ResetStatus.internalError);
  });

  it('keeps no large chunk in memory for a small part of it', () => {
    const nothing = (): void => undefined;
    const link = { reply: nothing, send: nothing, fin: nothing, reset: nothing, hold: nothing, gone: nothing };
    const stream = new SpdyStream(1, new Map(), link);
    const chunk = Buffer.alloc(64 * 1024, 'x');
    stream.receive(chunk.subarray(0, 10), false);
    stream.receive(chunk.subarray(10, 40_000), false);
    const parts = [stream.read() as Buffer, stream.read() as Buffer];
    expect(parts.map((part) => part.length)).toEqual([10, 39_990]);
    expect(parts.map((part) => part.buffer.byteLength)).toEqual([10, chunk.buffer.byteLength]);
  });
});
