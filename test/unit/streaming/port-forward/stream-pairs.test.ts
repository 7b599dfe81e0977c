import { StreamPairs, type StreamPair } from '../../../../src/streaming/port-forward/stream-pairs';
import { ResetStatus } from '../../../../src/streaming/spdy/frames';
import { closeAll, serve } from '../spdy/served';

afterEach(closeAll);

async function start(timeoutMs = 60_000) {
  const found: (StreamPair & { readonly port: number })[] = [];
  /** The ports whose first stream has come, and those that were given up. */
  const begun: number[] = [];
  const givenUp: number[] = [];
  const pairs = new StreamPairs(timeoutMs, (port) => {
    begun.push(port);
    return { take: (pair) => found.push({ port, ...pair }), giveUp: () => givenUp.push(port) };
  });
  const { client } = await serve({ onStream: (stream) => pairs.add(stream) });
  return { client, found, begun, givenUp, pairs };
}

const ids = (found: readonly (StreamPair & { readonly port: number })[]) =>
  found.map(({ port, error, data }) => [port, error.id, data.id]);

it('finds the streams with the same request id, in whatever order they come', async () => {
  const { client, found } = await start();
  const dataOf7 = client.open({ streamtype: 'data', port: '80', requestid: '7' });
  const errorOf8 = client.open({ streamtype: 'error', port: '81', requestid: '8' });
  const errorOf7 = client.open({ streamtype: 'error', port: '80', requestid: '7' });
  const dataOf8 = client.open({ streamtype: 'data', port: '81', requestid: '8' });
  await client.roundTrip();

  expect(ids(found)).toEqual([
    [80, errorOf7, dataOf7],
    [81, errorOf8, dataOf8],
  ]);
  expect([dataOf7, errorOf7, dataOf8, errorOf8].map((id) => client.heard(id).replied)).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

it('finds the streams of the oldest clients, which send no request id, by their numbers', async () => {
  const { client, found } = await start();
  client.open({ streamtype: 'error', port: '80' }, { id: 5 });
  client.open({ streamtype: 'data', port: '80' }, { id: 7 });
  client.open({ streamtype: 'error', port: '80' }, { id: 9 });
  client.open({ streamtype: 'data', port: '80' }, { id: 11 });
  await client.roundTrip();

  expect(ids(found)).toEqual([
    [80, 5, 7],
    [80, 9, 11],
  ]);
});

it('does not take a request id for the number of a stream', async () => {
  const { client, found } = await start();
  client.open({ streamtype: 'error', port: '80' }, { id: 1 });
  client.open({ streamtype: 'data', port: '80', requestid: '1' }, { id: 3 });
  await client.roundTrip();

  expect(found).toEqual([]);
});

it.each([
  ['no port', { streamtype: 'data', requestid: '0' }],
  ['port 0', { streamtype: 'data', port: '0', requestid: '0' }],
  ['a port too high', { streamtype: 'data', port: '65536', requestid: '0' }],
  ['a port that is no number', { streamtype: 'data', port: '80x', requestid: '0' }],
  ['a negative port', { streamtype: 'data', port: '-1', requestid: '0' }],
  ['no type', { port: '80', requestid: '0' }],
  ['an unknown type', { streamtype: 'stdin', port: '80', requestid: '0' }],
])('resets a stream with %s', async (_what, headers: Record<string, string>) => {
  const { client } = await start();
  const id = client.open(headers);
  await client.roundTrip();

  expect(client.heard(id)).toMatchObject({ replied: false, reset: ResetStatus.cancel });
});

it.each(['1', '65535'])('takes port %s', async (port) => {
  const { client, found } = await start();
  client.open({ streamtype: 'error', port, requestid: '0' });
  client.open({ streamtype: 'data', port, requestid: '0' });
  await client.roundTrip();

  expect(found).toEqual([expect.objectContaining({ port: Number(port) })]);
});

it.each([
  [{ streamtype: 'error', port: '80' }, 'there is a second error stream for request "3"'],
  [{ streamtype: 'data', port: '81' }, 'the streams for request "3" name different ports'],
])('tells a client whose second stream is %j', async ({ streamtype, port }, text) => {
  const { client, found, givenUp } = await start();
  const first = client.open({ streamtype: 'error', port: '80', requestid: '3' });
  const second = client.open({ streamtype, port, requestid: '3' });
  await client.roundTrip();

  expect(client.bytes(first).toString()).toBe(text);
  expect(client.heard(first).ended).toBe(true);
  expect(client.heard(second).reset).toBe(ResetStatus.cancel);
  expect([found, givenUp]).toEqual([[], [80]]);
});

it('uses a request id again once its pair is complete', async () => {
  const { client, found } = await start();
  for (let round = 0; round < 2; round += 1) {
    client.open({ streamtype: 'error', port: '80', requestid: '0' });
    client.open({ streamtype: 'data', port: '80', requestid: '0' });
  }
  await client.roundTrip();

  expect(ids(found)).toEqual([
    [80, 1, 3],
    [80, 5, 7],
  ]);
});

it('tells of a port when the first of its streams comes, and gives it up with the connection', async () => {
  const { client, begun, givenUp, pairs } = await start();
  client.open({ streamtype: 'error', port: '80', requestid: '0' });
  client.open({ streamtype: 'error', port: '81', requestid: '1' });
  client.open({ streamtype: 'data', port: '80', requestid: '0' });
  await client.roundTrip();
  expect([begun, givenUp]).toEqual([[80, 81], []]);

  pairs.close();
  expect(givenUp).toEqual([81]);
});

it('tells a client whose second stream does not come in time, and forgets the first', async () => {
  const { client, found } = await start(20);
  const error = client.open({ streamtype: 'error', port: '80', requestid: '0' });
  const data = client.open({ streamtype: 'data', port: '80', requestid: '1' });
  await client.until(() => client.heard(error).ended && client.heard(data).reset !== undefined);

  expect(client.bytes(error).toString()).toBe('timed out waiting for streams');
  client.open({ streamtype: 'data', port: '80', requestid: '0' });
  await client.roundTrip();
  expect(found).toEqual([]);
});

it('forgets a stream that is reset while it waits', async () => {
  const { client, found } = await start();
  const error = client.open({ streamtype: 'error', port: '80', requestid: '0' });
  client.frame({ type: 'RST_STREAM', streamId: error, status: ResetStatus.cancel });
  await client.roundTrip();
  client.open({ streamtype: 'data', port: '80', requestid: '0' });
  await client.roundTrip();

  expect(found).toEqual([]);
});
