import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService as Health,
} from '../../../generated/grpc/health/v1/health';
import { healthVerbs } from '../../../src/cri/health';
import { ShimError } from '../../../src/lib/errors';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';

let engine: () => Promise<void>;
let cri: CriServerUnderTest;

beforeEach(async () => {
  engine = () => Promise.resolve();
  cri = new CriServerUnderTest({ health: healthVerbs({ ready: () => engine() }) });
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

it('tells who watches when it changes, and only then', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  try {
    const { watch } = healthVerbs({ ready: () => engine() });
    const { signal } = new AbortController();
    const ctx = { signal, log: { debug() {} } as never, api: 'v1' } as const;
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
