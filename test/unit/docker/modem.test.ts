import { EngineConnection } from '../../../src/docker/connection';
import { Modem, type DialOptions } from '../../../src/docker/modem';
import { aCall } from '../../support/a-call';
import { FakeEngine, hangUp, json } from '../../support/fake-engine';

let fake: FakeEngine;
let connection: EngineConnection;

beforeEach(async () => {
  fake = new FakeEngine();
  await fake.start();
  fake.on('POST /things', json({ Id: 'x' }));
  connection = new EngineConnection(fake.socketPath);
});

afterEach(async () => {
  connection.close();
  await fake.remove();
});

const abortSignal = aCall().ctx.signal;

function dial(options: Partial<DialOptions>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const whole = { path: '/things', method: 'POST', abortSignal, ...options };
    new Modem(connection).dial(whole, (error, data) => (error === null ? resolve(data) : reject(error)));
  });
}

test('the query and the body are told apart, and nothing else of the options is sent', async () => {
  const options = { _query: { a: 1, gone: undefined }, _body: { b: [2] }, t: 'neither' };
  expect(await dial({ path: '/things?', options })).toEqual({ Id: 'x' });
  const { url, body, headers } = fake.seen.at(-1) ?? {};
  expect({ url, body }).toEqual({ url: '/v1.45/things?a=1', body: '{"b":[2]}' });
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '9' });
});

test('without a body none is announced', async () => {
  await dial({ options: null });
  expect(fake.seen.at(-1)).toMatchObject({ body: '', headers: { 'content-length': '0' } });
  expect(fake.seen.at(-1)?.headers).not.toHaveProperty('content-type');
});

test('a call without a signal is refused before it is made', async () => {
  const unending = { path: '/things', method: 'POST' };
  const error = await new Promise((resolve) => new Modem(connection).dial(unending, resolve));
  expect(error).toMatchObject({ message: 'POST /things was called without a signal' });
  expect(fake.seen).toEqual([]);
});

test('a callback that throws on the answer is told so, and the process lives', async () => {
  const told: unknown[] = [];
  await new Promise<void>((resolve) => {
    new Modem(connection).dial({ path: '/things', method: 'POST', abortSignal }, (error) => {
      told.push(error);
      if (error === null) throw new TypeError('no Id');
      resolve();
    });
  });
  expect(told).toEqual([null, new TypeError('no Id')]);
});

test('a failure is told once', async () => {
  fake.on('POST /things', hangUp);
  const callback = jest.fn();
  new Modem(connection).dial({ path: '/things', method: 'POST', abortSignal }, callback);
  while (callback.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(callback.mock.calls).toEqual([[expect.objectContaining({ kind: 'Unavailable' })]]);
});
