import { getEventListeners } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { EngineConnection } from '../../../src/docker/connection';
import { DockerodeEngine } from '../../../src/docker/dockerode-engine';
import type { Engine } from '../../../src/docker/engine';
import type { CallContext } from '../../../src/lib/call-context';
import { silentLog } from '../../../src/lib/log';
import { operationOf } from '../../../src/telemetry/observe-engine';
import { aCall, type Call } from '../../support/a-call';
import { FakeEngine, bytesThenHangUp, hangUp, json, silence, text } from '../../support/fake-engine';
import { refusalOf } from '../../support/refusal';
import { until } from '../../support/until';

let fake: FakeEngine;
let connection: EngineConnection;
let engine: DockerodeEngine;
let call: Call;
/** As metrics and traces name what is asked, but for the negotiation of the version. */
let operations: string[];

beforeEach(async () => {
  operations = [];
  fake = new FakeEngine();
  await fake.start();
  const began = (method: string, path: string) => {
    if (path !== '/version') operations.push(operationOf(method, path));
    return { headers: {}, ended: () => {} };
  };
  connection = new EngineConnection(fake.socketPath, { began });
  engine = new DockerodeEngine(connection);
  call = aCall();
});

afterEach(async () => {
  connection.close();
  await fake.remove();
});

const container = { Image: 'i', HostConfig: {} };
const exec = { Cmd: ['ls'], AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false };
const byLabel = encodeURIComponent('{"label":["a=b"]}');

interface Row {
  readonly act: (ctx: CallContext) => Promise<unknown>;
  /** The request that it makes. */
  readonly asks: string;
  readonly body?: string;
}

const CALLS: Record<Exclude<keyof Engine, 'version' | 'apiVersion' | 'generation'>, Row> = {
  info: { act: (ctx) => engine.info(ctx), asks: 'GET /info' },
  diskUsage: { act: (ctx) => engine.diskUsage(ctx), asks: 'GET /system/df?type=image&type=container' },
  events: {
    act: (ctx) => engine.events(ctx, { since: 5, types: ['image'], actions: ['tag'] }),
    asks: `GET /events?since=5&filters=${encodeURIComponent('{"type":["image"],"event":["tag"]}')}`,
  },
  listContainers: {
    act: (ctx) => engine.listContainers(ctx, { labels: ['a=b'] }),
    asks: `GET /containers/json?all=1&filters=${byLabel}`,
  },
  inspectContainer: { act: (ctx) => engine.inspectContainer(ctx, 'c'), asks: 'GET /containers/c/json' },
  createContainer: {
    act: (ctx) => engine.createContainer(ctx, 'n', container),
    asks: 'POST /containers/create?name=n',
    body: JSON.stringify(container),
  },
  startContainer: { act: (ctx) => engine.startContainer(ctx, 'c'), asks: 'POST /containers/c/start' },
  stopContainer: { act: (ctx) => engine.stopContainer(ctx, 'c', 0), asks: 'POST /containers/c/stop?t=0' },
  ping: { act: (ctx) => engine.ping(ctx), asks: 'GET /_ping' },
  removeContainer: {
    act: (ctx) => engine.removeContainer(ctx, 'c', { force: false }),
    asks: 'DELETE /containers/c?v=true&force=false',
  },
  updateContainer: {
    act: (ctx) => engine.updateContainer(ctx, 'c', { Memory: 1 }),
    asks: 'POST /containers/c/update',
    body: '{"Memory":1}',
  },
  findInContainer: {
    act: (ctx) => engine.findInContainer(ctx, 'c', '/a b'),
    asks: 'GET /containers/c/archive?path=%2Fa+b',
  },
  containerArchive: {
    act: (ctx) => engine.containerArchive(ctx, 'c', '/etc/group'),
    asks: 'GET /containers/c/archive?path=%2Fetc%2Fgroup',
  },
  followLogs: {
    act: (ctx) => engine.followLogs(ctx, 'c', '1.000000001'),
    asks: 'GET /containers/c/logs?stdout=1&stderr=1&timestamps=1&follow=1&since=1.000000001',
  },
  createExec: {
    act: (ctx) => engine.createExec(ctx, 'c', exec),
    asks: 'POST /containers/c/exec',
    body: JSON.stringify(exec),
  },
  startExec: {
    act: (ctx) => engine.startExec(ctx, 'e', { tty: true }),
    asks: 'POST /exec/e/start',
    body: '{"Detach":false,"Tty":true}',
  },
  inspectExec: { act: (ctx) => engine.inspectExec(ctx, 'e'), asks: 'GET /exec/e/json' },
  resizeExec: {
    act: (ctx) => engine.resizeExec(ctx, 'e', { height: 24, width: 80 }),
    asks: 'POST /exec/e/resize?h=24&w=80',
  },
  attachContainer: {
    act: (ctx) => engine.attachContainer(ctx, 'c', { stdin: true, detachKeys: 'ctrl-^' }),
    asks: 'POST /containers/c/attach?stream=1&stdin=1&stdout=1&stderr=1&logs=0&detachKeys=ctrl-%5E',
  },
  resizeContainer: {
    act: (ctx) => engine.resizeContainer(ctx, 'c', { height: 24, width: 80 }),
    asks: 'POST /containers/c/resize?h=24&w=80',
  },
  listImages: { act: (ctx) => engine.listImages(ctx), asks: 'GET /images/json' },
  inspectImage: { act: (ctx) => engine.inspectImage(ctx, 'i:1'), asks: 'GET /images/i:1/json' },
  imageHistory: { act: (ctx) => engine.imageHistory(ctx, 'i:1'), asks: 'GET /images/i:1/history' },
  pullImage: { act: (ctx) => engine.pullImage(ctx, 'i:1', undefined), asks: 'POST /images/create?fromImage=i%3A1' },
  loadImage: {
    act: (ctx) => engine.loadImage(ctx, Buffer.from('tar')),
    asks: 'POST /images/load?quiet=true',
    body: 'tar',
  },
  removeImage: {
    act: (ctx) => engine.removeImage(ctx, 'i:1'),
    asks: 'DELETE /images/i:1',
  },
};

describe.each(Object.entries(CALLS))('%s', (_name, { act, asks, body = '' }) => {
  const request = asks.replace(/\?.*/, '');

  test(`asks ${asks}`, async () => {
    fake.on(request, json({ message: 'enough' }, 409));
    expect(await refusalOf(act(call.ctx))).toBe('FailedPrecondition: docker: enough');
    const last = fake.seen.at(-1);
    expect(`${last?.method} ${last?.url}`).toBe(asks.replace(' ', ' /v1.45'));
    expect(last?.body).toBe(body);
  });

  test('is measured and traced without what names one container, exec or image', async () => {
    fake.on(request, json({ message: 'enough' }, 409));
    await refusalOf(act(call.ctx));
    expect(operations).toEqual([request.replace(/\/(c|e|i:1)(?=\/|$)/, '/{id}')]);
  });

  test('ends with its context', async () => {
    fake.on(request, silence);
    const work = act(call.ctx).catch((error: unknown) => error);
    await until(() => fake.count(request) === 1);
    call.cancel();
    expect(await work).toBe(call.reason);
    expect(getEventListeners(call.ctx.signal, 'abort')).toHaveLength(0);
  });

  test('is Unavailable when the engine hangs up', async () => {
    fake.on(request, hangUp);
    expect(await refusalOf(act(call.ctx))).toMatch(/^Unavailable: .*lost before its answer was complete/);
  });
});

test('all images are asked for without a filter', async () => {
  fake.on('GET /images/json', json([]));
  expect(await engine.listImages(call.ctx)).toEqual([]);
  expect(fake.seen.at(-1)?.url).toBe('/v1.45/images/json');
});

test('version is asked without a version', async () => {
  expect(await engine.version(call.ctx)).toMatchObject({ ApiVersion: '1.45' });
  expect(fake.seen.map(({ url }) => url)).toEqual(['/version']);
});

test('the version in force is no longer waited for than the call lasts', async () => {
  fake.on('GET /version', silence);
  const work = engine.apiVersion(call.ctx).catch((error: unknown) => error);
  await until(() => fake.count('GET /version') === 1);
  call.cancel();
  expect(await work).toBe(call.reason);
});

test('API 1.41 is asked for the whole disk usage, for it knows no types', async () => {
  fake.offer = { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10.24' };
  fake.on('GET /system/df', json({ LayersSize: 7 }));
  expect(await engine.diskUsage(call.ctx)).toEqual({ LayersSize: 7 });
  expect(fake.seen.at(-1)?.url).toBe('/v1.41/system/df');
});

test('what runs already is started, what is dead already is stopped', async () => {
  fake.on('POST /containers/c/start', text('', 304));
  fake.on('POST /containers/c/stop', text('', 304));
  await engine.startContainer(call.ctx, 'c');
  await engine.stopContainer(call.ctx, 'c', 3);
});

describe('an answer that lacks what is taken from it fails the call alone', () => {
  test.each([
    ['nothing', ''],
    ['no id', '{}'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('%s', async (_what, body) => {
    fake.on('POST /containers/create', text(body, 201));
    fake.on('POST /containers/c/exec', text(body, 201));
    const says = 'Internal: docker did not say which';
    expect(await refusalOf(engine.createContainer(call.ctx, 'n', container))).toBe(`${says} container it made as n`);
    expect(await refusalOf(engine.createExec(call.ctx, 'c', exec))).toBe(`${says} exec it made in container c`);
  });
});

test('the warnings of a create go to the log', async () => {
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (...args: unknown[]) => void warnings.push(args) };
  fake.on('POST /containers/create', json({ Id: 'c', Warnings: ['no swap limit', 'no kernel memory limit'] }, 201));
  expect(await engine.createContainer({ ...call.ctx, log }, 'n', container)).toBe('c');
  expect(warnings).toEqual([
    ['docker warns about a new container', { name: 'n', warning: 'no swap limit' }],
    ['docker warns about a new container', { name: 'n', warning: 'no kernel memory limit' }],
  ]);
});

describe('credentials for a pull', () => {
  // Its base64 has a plus, a slash and padding.
  const auth = { username: 'ÿ~?>', password: 'hunter2ÿÿÿ' };

  test('go in a header, in URL-safe base64 with padding', async () => {
    fake.on('POST /images/create', text(''));
    await textOf(await engine.pullImage(call.ctx, 'i', auth));
    const header = String(fake.seen.at(-1)?.headers['x-registry-auth']);
    expect(header).toMatch(/^[\w-]+=+$/);
    expect(header).toMatch(/[-_]/);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual(auth);
  });

  test('are not sent when there are none', async () => {
    fake.on('POST /images/create', text(''));
    await textOf(await engine.pullImage(call.ctx, 'i', undefined));
    expect(fake.seen.at(-1)?.headers).not.toHaveProperty('x-registry-auth');
  });
});

describe('a load', () => {
  test('fails with the words of the line that says so', async () => {
    fake.on('POST /images/load', text('{"stream":"a"}\n{"error":"e","errorDetail":{"message":"no space"}}\n'));
    const said = await refusalOf(engine.loadImage(call.ctx, Buffer.from('tar')));
    expect(said).toBe('Internal: docker could not load the image: no space');
    expect(fake.seen.at(-1)?.headers['content-type']).toBe('application/x-tar');
  });

  test('that breaks off has not succeeded', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    fake.on('POST /images/load', bytesThenHangUp(`${head}f\r\n{"stream":"a"}\n\r\n`));
    expect(await refusalOf(engine.loadImage(call.ctx, Buffer.from('tar')))).toMatch(/^Unavailable: .*lost before/);
  });
});
