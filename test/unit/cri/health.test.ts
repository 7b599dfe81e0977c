import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService as Health,
} from '../../../generated/grpc/health/v1/health';
import { healthVerbs } from '../../../src/cri/health';
import { background, type Background } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';

let engine: () => Promise<void>;
let serving: Background;
let cri: CriServerUnderTest;

beforeEach(async () => {
  engine = () => Promise.resolve();
  serving = background(silentLog);
  cri = new CriServerUnderTest({ health: healthVerbs({ ready: () => engine(), serving }) });
  await cri.start();
});

afterEach(() => cri.remove());

const away = () => Promise.reject(new ShimError('Unavailable', 'no engine'));
const check = async (service: string) => (await cri.client.call(Health.check, { service })).status;

it.each(['runtime.v1.RuntimeService', 'runtime.v1.ImageService', 'runtime.v1alpha2.RuntimeService'])(
  '%s serves while the engine answers',
  async (service) => {
    expect(await check(service)).toBe(Serving.SERVING);
    engine = away;
    expect(await check(service)).toBe(Serving.NOT_SERVING);
  },
);

it('serves as a whole without an engine', async () => {
  engine = away;
  expect(await check('')).toBe(Serving.SERVING);
});

it('knows no other service', async () => {
  await expect(check('runtime.v2.RuntimeService')).rejects.toMatchObject(refusal('NOT_FOUND', /there is no service/));
});

it.each([
  ['runtime.v1.RuntimeService', Serving.SERVING],
  ['runtime.v2.RuntimeService', Serving.SERVICE_UNKNOWN],
])('tells who watches %s at once', async (service, expected) => {
  for await (const { status } of cri.client.stream(Health.watch, { service })) {
    expect(status).toBe(expected);
    break;
  }
  expect.assertions(1);
});

it.each([
  ['runtime.v1.RuntimeService', [Serving.SERVING, Serving.NOT_SERVING]],
  ['runtime.v2.RuntimeService', [Serving.SERVICE_UNKNOWN]],
])('tells who watches %s that the shim ends, and holds that up no longer', async (service, expected) => {
  const told: Serving[] = [];
  for await (const { status } of cri.client.stream(Health.watch, { service })) {
    told.push(status);
    serving.stop();
  }
  expect(told).toEqual(expected);
  await cri.server.stop(60_000);
});

it('does not wait at its end for an engine that hangs either', async () => {
  const asked = new Promise<void>((resolve) => {
    engine = () => new Promise(() => resolve());
  });
  const told: Serving[] = [];
  const watching = (async () => {
    for await (const { status } of cri.client.stream(Health.watch, { service: 'runtime.v1.RuntimeService' })) {
      told.push(status);
    }
  })();
  await asked;
  serving.stop();
  await watching;
  expect(told).toEqual([]);
});

it('tells who watches when it changes, and only then', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  try {
    const { watch } = healthVerbs({ ready: () => engine(), serving });
    const { signal } = new AbortController();
    const ctx = { signal, log: { debug() {} } as never } as const;
    const statuses = watch({ service: 'runtime.v1.RuntimeService' }, ctx)[Symbol.asyncIterator]();
    expect((await statuses.next()).value).toEqual({ status: Serving.SERVING });
    const next = statuses.next();
    await jest.advanceTimersByTimeAsync(20_000);
    engine = away;
    await jest.advanceTimersByTimeAsync(10_000);
    expect((await next).value).toEqual({ status: Serving.NOT_SERVING });
  } finally {
    jest.useRealTimers();
  }
});
