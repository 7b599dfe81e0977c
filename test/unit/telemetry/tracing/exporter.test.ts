import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanExporter } from '../../../../src/telemetry/tracing/exporter';
import type { EndedSpan } from '../../../../src/telemetry/tracing/span';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';

interface Received {
  resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: Record<string, unknown>[] }[] }[];
}

let collector: Server;
let answer: number;
let received: Received[];
let paths: string[];
let log: LogLine[];

beforeEach(async () => {
  answer = 200;
  received = [];
  paths = [];
  log = [];
  collector = createServer((request, response) => {
    paths.push(request.url ?? '');
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push(JSON.parse(body) as Received);
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

function exporter(): SpanExporter {
  const { port } = collector.address() as AddressInfo;
  const resource = { 'service.name': 'dockershim' };
  return new SpanExporter({ endpoint: `http://127.0.0.1:${port}`, resource, log: keptLog(log) });
}

const SPAN: EndedSpan = {
  context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true },
  parentId: 'c'.repeat(16),
  name: 'runtime.v1/Version',
  kind: 2,
  began: 1_700_000_000_000_000_001n,
  ended: 1_700_000_000_000_000_002n,
  attributes: { 'rpc.method': 'Version' },
  failure: 'no engine',
};

it('sends spans as OTLP has them in JSON', async () => {
  const sent = exporter();
  sent.add(SPAN);
  await sent.stop();

  expect(paths).toEqual(['/v1/traces']);
  expect(received[0]?.resourceSpans).toEqual([
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'dockershim' } }] },
      scopeSpans: [
        {
          scope: { name: 'dockershim' },
          spans: [
            {
              traceId: 'a'.repeat(32),
              spanId: 'b'.repeat(16),
              parentSpanId: 'c'.repeat(16),
              name: 'runtime.v1/Version',
              kind: 2,
              startTimeUnixNano: '1700000000000000001',
              endTimeUnixNano: '1700000000000000002',
              attributes: [{ key: 'rpc.method', value: { stringValue: 'Version' } }],
              status: { code: 2, message: 'no engine' },
            },
          ],
        },
      ],
    },
  ]);
  expect(sent.dropped).toBe(0);
});

it('sends many in batches', async () => {
  const sent = exporter();
  for (let index = 0; index < 1000; index += 1) sent.add(SPAN);
  await sent.stop();

  expect(received.map(({ resourceSpans }) => resourceSpans[0]?.scopeSpans[0]?.spans.length)).toEqual([512, 488]);
});

it('drops what is too much to keep, and counts it', async () => {
  const sent = exporter();
  for (let index = 0; index < 3000; index += 1) sent.add(SPAN);

  expect(sent.dropped).toBe(3000 - 2048);
  await sent.stop();
});

it('drops what the collector refuses, and says so once until it works again', async () => {
  const sent = exporter();
  const one = async (status: number): Promise<void> => {
    answer = status;
    sent.add(SPAN);
    await sent.stop();
  };
  for (const status of [503, 503, 200, 503]) await one(status);

  expect(sent.dropped).toBe(3);
  expect(log.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'the collector takes no traces'],
    ['warn', 'the collector takes no traces'],
  ]);
});

it('keeps no connection to a collector that never ends its answers', async () => {
  collector.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    response.writeHead(200, { 'content-length': 100 }).flushHeaders();
  });
  const connections = () => new Promise<number>((resolve) => collector.getConnections((_, count) => resolve(count)));
  const sent = exporter();
  sent.add(SPAN);
  await sent.stop();
  while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}, 20_000);

it('gives up in five seconds at its end, however many batches wait for a collector that hangs', async () => {
  const requests: IncomingMessage[] = [];
  collector.removeAllListeners('request').on('request', (request: IncomingMessage) => requests.push(request.resume()));
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  try {
    const sent = exporter();
    for (let index = 0; index < 2048; index += 1) sent.add(SPAN);
    let stopped = false;
    void sent.stop().then(() => (stopped = true));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    while (requests.length === 0) await turn();
    await jest.advanceTimersByTimeAsync(5_000);
    for (let turns = 0; turns < 100 && !stopped; turns += 1) await turn();
    expect(stopped).toBe(true);
    expect(sent.dropped).toBe(2048);
    expect(requests).toHaveLength(1);
    expect(log.map(({ level }) => level)).toEqual(['warn']);
  } finally {
    jest.useRealTimers();
  }
});
