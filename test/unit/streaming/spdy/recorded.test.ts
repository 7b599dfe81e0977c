import { readFileSync } from 'node:fs';
import path from 'node:path';
import { closeAll, echo, inPiecesTo, serve } from './served';

afterEach(closeAll);

const RECORDED = path.join(__dirname, '../../../contract/spdy');

function recorded(name: string): Buffer {
  return Buffer.from(readFileSync(path.join(RECORDED, name), 'utf8').replaceAll('\n', ''), 'hex');
}

describe.each([1, 64])("what Go's client writes, in pieces of %d bytes", (size) => {
  it.each(['exec-0.2.0.hex', 'exec-0.5.1.hex'])('%s is understood', async (name) => {
    const served = await serve({ onStream: echo });
    const { client, streams, closes, closed } = served;
    await inPiecesTo(served, recorded(name), size);
    client.socket.end();
    await closed();
    expect(closes).toEqual([undefined]);
    expect(streams.map(({ id, headers }) => [id, ...headers.entries()])).toEqual([
      [1, ['streamtype', 'error']],
      [3, ['streamtype', 'stdin']],
      [5, ['streamtype', 'stdout']],
      [7, ['streamtype', 'resize']],
    ]);
    await client.until(() => client.left);
    expect(client.bytes(3).toString()).toBe('hello, pod\n');
    expect(client.bytes(7).toString()).toBe('{"Width":100,"Height":30}\n');
    expect(client.control).toContainEqual({ type: 'PING', id: 1 });
  });

  it('port-forward-0.5.1.hex is understood', async () => {
    const served = await serve({ onStream: echo });
    const { client, streams, closes, closed } = served;
    await inPiecesTo(served, recorded('port-forward-0.5.1.hex'), size);
    client.socket.end();
    await closed();
    expect(closes).toEqual([undefined]);
    const opened = streams.map(({ headers }) => `${headers.get('streamtype')} ${headers.get('requestid')}`);
    expect(opened).toEqual(['error 0', 'data 0', 'error 1', 'data 1', 'error 2', 'data 2']);
    await client.until(() => client.left);
    for (const id of [3, 7, 11]) expect(client.bytes(id).toString()).toBe('GET / HTTP/1.0\r\n\r\n');
  });
});
