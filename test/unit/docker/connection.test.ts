import { EngineConnection } from '../../../src/docker/connection';
import { NEWEST_API } from '../../../src/docker/api-version';
import type { EngineRequest } from '../../../src/docker/request';
import { aCall, type Call } from '../../support/a-call';
import { FakeEngine, hangUp, json, silence, text } from '../../support/fake-engine';
import { refusalOf } from '../../support/refusal';

let engine: FakeEngine;
let connection: EngineConnection;
let call: Call;

beforeEach(async () => {
  engine = new FakeEngine();
  await engine.start();
  engine.on('GET /info', json({ ok: true }));
  engine.on('POST /containers/x/start', text('', 204));
  connection = new EngineConnection(engine.socketPath);
  call = aCall();
});

afterEach(async () => {
  jest.useRealTimers();
  connection.close();
  await engine.remove();
});

const info = (by = call): Promise<unknown> => connection.json({ method: 'GET', path: '/info', signal: by.ctx.signal });
const start = (): EngineRequest => ({ method: 'POST', path: '/containers/x/start', signal: call.ctx.signal });
const urls = (): string[] => engine.seen.map(({ method, url }) => `${method} ${url}`);

describe('the version', () => {
  test('is negotiated by the first request and used by those after it', async () => {
    await info();
    await info();
    expect(urls()).toEqual(['GET /version', 'GET /v1.45/info', 'GET /v1.45/info']);
  });

  test('is negotiated once for all who ask at first', async () => {
    await Promise.all(Array.from({ length: 20 }, () => info(aCall())));
    expect(engine.count('GET /version')).toBe(1);
    expect(engine.count('GET /info')).toBe(20);
  });

  test('stays after more connections were open than are kept', async () => {
    await Promise.all(Array.from({ length: 30 }, () => info(aCall())));
    await until(() => engine.openConnections <= 8);
    await info();
    expect(engine.count('GET /version')).toBe(1);
    expect(connection.generation).toBe(0);
  });

  test.each([
    ['1.40', '1.12', /FailedPrecondition: this Docker Engine speaks API 1.40 at most; dockershim needs 1.41/],
    ['9.9', '9.0', /FailedPrecondition: this Docker Engine speaks API 9.0 at least; this dockershim knows/],
  ])('of an engine that speaks %s down to %s is refused', async (ApiVersion, MinAPIVersion, sentence) => {
    engine.offer = { ...engine.offer, ApiVersion, MinAPIVersion };
    expect(await refusalOf(info())).toMatch(sentence);
  });

  test.each([
    ['nothing', ''],
    ['JSON without it', '{"Version":"4.9"}'],
    ['a list', '[]'],
    ['a word', '"1.41"'],
    ['null', 'null'],
    ['a version that is none', '{"ApiVersion":"newest"}'],
  ])('of something that answers %s is refused', async (_what, body) => {
    engine.on('GET /version', text(body));
    expect(await refusalOf(info())).toMatch(/^FailedPrecondition: what answers on the socket is no Docker Engine/);
  });

  test('that could not be negotiated is asked for by the next request', async () => {
    engine.on('GET /version', json({ message: 'starting' }, 503));
    expect(await refusalOf(info())).toBe('Unavailable: docker: starting');
    engine.on('GET /version', json(engine.offer));
    expect(await info()).toEqual({ ok: true });
  });

  test('that could not be negotiated harms nobody when all who asked have left', async () => {
    call.cancel();
    engine.on('GET /version', hangUp);
    expect(await info().catch((error: unknown) => error)).toBe(call.reason);
    await until(() => engine.count('GET /version') === 1);
    // A rejection that nobody handles fails the test.
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe('an engine that hangs while the version is negotiated', () => {
  beforeEach(() => engine.on('GET /version', silence));

  test('is given up in ten seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const answer = refusalOf(info());
    await engineSaw('GET /version');
    jest.advanceTimersByTime(9_999);
    await turn();
    expect(await Promise.race([answer, turn().then(() => 'waiting')])).toBe('waiting');
    jest.advanceTimersByTime(1);
    expect(await answer).toMatch(/^Unavailable: the Docker Engine on .* did not say its version in 10 s: see whether/);
  });

  test('holds nobody longer than their own call', async () => {
    const patient = aCall();
    const other = info(patient);
    const answer = info().catch((error: unknown) => error);
    await engineSaw('GET /version');
    call.cancel();
    expect(await answer).toBe(call.reason);
    patient.cancel();
    await other.catch(() => undefined);
  });
});

describe('an engine that was replaced', () => {
  const older = { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10.24' };
  const newer = { ApiVersion: '9.0', MinAPIVersion: '1.44', Version: '99.0.0' };

  test.each([
    ['an older one', older, '1.41'],
    ['a newer one', newer, NEWEST_API],
  ])('by %s is spoken to in its version', async (_what, offer, version) => {
    await info();
    const before = connection.generation;
    await engine.stop();
    engine.offer = offer;
    await engine.start();
    await until(() => connection.generation !== before);
    expect(await info()).toEqual({ ok: true });
    expect(urls().slice(2)).toEqual(['GET /version', `GET /v${version}/info`]);
  });

  test('while nothing was connected is asked for its version', async () => {
    engine.on('GET /images/json', silence);
    const hanging = connection.json({ method: 'GET', path: '/images/json', signal: call.ctx.signal });
    await engineSaw('GET /images/json');
    call.cancel();
    await hanging.catch(() => undefined);
    await until(() => engine.openConnections === 0);
    engine.offer = newer;
    await info(aCall());
    expect(urls().at(-1)).toBe(`GET /v${NEWEST_API}/info`);
  });

  test.each([
    ['too new', older, '1.41'],
    ['too old', { ...newer, MinAPIVersion: '1.46' }, NEWEST_API],
  ])(
    'and refuses the old version as %s is asked again, also for what is done only once',
    async (_what, offer, version) => {
      await info();
      // The connections stay: a proxy in front of the engine.
      engine.offer = offer;
      await connection.json(start());
      expect(urls().slice(2)).toEqual([
        'POST /v1.45/containers/x/start',
        'GET /version',
        `POST /v${version}/containers/x/start`,
      ]);
    },
  );

  test('is asked once when it refuses the version of many', async () => {
    await info();
    engine.offer = older;
    await Promise.all(Array.from({ length: 10 }, () => info(aCall())));
    expect(engine.count('GET /version')).toBe(2);
  });

  test('and refuses whatever version it named is not asked for ever', async () => {
    engine.on('GET /version', json({ ...engine.offer, ApiVersion: '1.50' }));
    expect(await refusalOf(info())).toMatch(/client version 1.50 is too new/);
    expect(engine.count('GET /version')).toBe(2);
  });

  test('gives the connection another generation, as soon as it is gone', async () => {
    await info();
    const before = connection.generation;
    engine.hangUp();
    await until(() => connection.generation !== before);
  });

  test('words about versions in another refusal are no reason to ask', async () => {
    engine.on('GET /info', json({ message: 'client version 1.51 is too new' }, 500));
    expect(await refusalOf(info())).toMatch(/^Internal: /);
    expect(engine.count('GET /version')).toBe(1);
  });
});

test('closing cuts what is under way', async () => {
  engine.on('GET /info', silence);
  const answer = refusalOf(info());
  await engineSaw('GET /info');
  connection.close();
  expect(await answer).toMatch(/^Unavailable: /);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function engineSaw(name: string): Promise<void> {
  await until(() => engine.count(name) > 0);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}
